import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Tests run on the libraries' sources, so that a change needs no build; services under test run from `dist`. */
const aliases = Object.fromEntries(readdirSync(path('libs')).flatMap((lib) => entriesOf(lib)));

/** What a library exports, the longer names first: an alias also takes what begins with it and a slash. */
function entriesOf(lib: string): readonly (readonly [string, string])[] {
  const manifest = readFileSync(path(`libs/${lib}/package.json`), 'utf8');
  return [...manifest.matchAll(/^    "\.(.*)": \{$/gm)]
    .map(([, entry = '']) => entry)
    .toSorted((a, b) => b.length - a.length)
    .map((entry) => [`@once/${lib}${entry}`, path(`libs/${lib}/src${entry}/index.ts`)] as const);
}

const realParts = {
  globalSetup: [path('libs/testing/src/global-setup.ts')],
  setupFiles: [path('libs/testing/src/stop-spawned-services.ts')],
  // The first hook of a run waits for RabbitMQ's first boot.
  hookTimeout: 180_000,
};

const places = '{libs,services,scripts}/**';

export default defineConfig({
  resolve: { alias: aliases },
  test: {
    exclude: ['**/node_modules/**', '**/dist/**'],
    passWithNoTests: true,
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [`${places}/*.spec.ts`],
          exclude: ['**/node_modules/**', '**/dist/**', '**/*.int.spec.ts', '**/*.e2e.spec.ts'],
          testTimeout: 10_000,
        },
      },
      {
        extends: true,
        test: {
          ...realParts,
          name: 'integration',
          include: [`${places}/*.int.spec.ts`],
          testTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          ...realParts,
          name: 'e2e',
          include: [`${places}/*.e2e.spec.ts`],
          testTimeout: 180_000,
          // Each file runs a whole system of processes: one at a time, after everything else.
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          ...realParts,
          name: 'proofs',
          // Slower than a test: `npm run proofs`, never part of `npm test`.
          include: [`${places}/*.proof.ts`],
          testTimeout: 600_000,
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
