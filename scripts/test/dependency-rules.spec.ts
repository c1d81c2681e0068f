import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const configuration = join(repository, '.dependency-cruiser.cjs');
const cruiser = join(repository, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

interface Rule {
  readonly name: string;
  readonly comment: string;
}
interface Report {
  readonly summary: {
    readonly violations: readonly { readonly rule: { readonly name: string }; readonly from: string }[];
  };
}

const { forbidden: rules } = createRequire(import.meta.url)(configuration) as { forbidden: readonly Rule[] };

/** One file per rule that breaks it. */
const violations: Record<string, { readonly file: string; readonly imports: string }> = {
  'no-circular': { file: 'libs/saga/src/ping.ts', imports: './pong.js' },
  'no-unresolvable': { file: 'libs/saga/src/lost.ts', imports: './nowhere.js' },
  'contracts-only-parse': { file: 'libs/contracts/src/money.ts', imports: 'typeorm' },
  'libraries-stand-alone': { file: 'libs/saga/src/sender.ts', imports: '@once/messaging' },
  'libraries-know-no-service': { file: 'libs/messaging/src/relay.ts', imports: '../../../services/order/src/main.js' },
  'guarantees-need-no-framework': { file: 'libs/idempotency/src/postgres/store.ts', imports: '@nestjs/common' },
  'core-knows-no-technology': { file: 'libs/messaging/src/outbox.ts', imports: './postgres/rows.js' },
  'core-takes-only-types-of-drivers': { file: 'libs/messaging/src/publisher.ts', imports: 'amqplib' },
  'nest-folder-is-glue': { file: 'libs/idempotency/src/nest/interceptor.ts', imports: 'pg' },
  'order-rules-are-pure': { file: 'services/order/src/order/transitions.ts', imports: 'typeorm' },
  'services-share-nothing': { file: 'services/payment/src/peek.ts', imports: '../../order/src/main.js' },
  'libraries-by-their-name': { file: 'services/payment/src/money.ts', imports: '../../../libs/messaging/src/index.js' },
  'no-test-help-in-production': { file: 'services/payment/src/faults.ts', imports: '@once/testing' },
  'production-needs-no-dev-dependency': { file: 'services/payment/src/server.ts', imports: 'supertest' },
  'sandbox-is-the-outside': { file: 'services/sandbox/src/main.ts', imports: '@once/idempotency' },
  'audit-stands-alone': { file: 'scripts/audit/peek.ts', imports: '../../services/order/src/main.js' },
};

/** What each kind of file may do, so that no rule is green only because it forbids everything. */
const permitted: Record<string, readonly string[]> = {
  'libs/contracts/src/index.ts': ['zod'],
  'libs/idempotency/src/index.ts': ['./postgres/rows.js', './nest/door.js'],
  'libs/idempotency/src/postgres/rows.ts': ['pg', '../core.js'],
  'libs/idempotency/src/core.ts': ['node:crypto'],
  'libs/idempotency/src/nest/door.ts': ['@nestjs/common', '../core.js'],
  'libs/idempotency/test/store.int.spec.ts': ['@once/testing', 'supertest', '../src/index.js'],
  'libs/messaging/src/index.ts': ['./postgres/rows.js'],
  'libs/messaging/src/postgres/rows.ts': ['typeorm'],
  'libs/testing/src/index.ts': ['supertest'],
  'scripts/audit/audit.ts': ['pg', '../terminal/table.js'],
  'scripts/terminal/table.ts': [],
  'services/order/src/main.ts': ['@nestjs/common', '@once/messaging', '@once/contracts', './order/order.js'],
  'services/order/src/order/order.ts': ['@once/contracts'],
  'services/order/test/order.e2e.spec.ts': ['@once/testing', '../src/main.js'],
};

const manifest = {
  dependencies: { '@nestjs/common': '1.0.0', amqplib: '1.0.0', pg: '1.0.0', typeorm: '1.0.0', zod: '1.0.0' },
  devDependencies: { supertest: '1.0.0' },
};

describe('dependency rules', () => {
  it('has a violation to show for every rule, and a reason in every rule', () => {
    expect(rules.map((rule) => rule.name).toSorted()).toEqual(Object.keys(violations).toSorted());
    expect(rules.filter((rule) => rule.comment.length < 40)).toEqual([]);
  });

  it('permits what the architecture permits', () => {
    expect(reportedIn(permitted)).toEqual([]);
  });

  describe('in a tree that breaks each of them once', () => {
    let reported: readonly string[];

    beforeAll(() => {
      const broken = Object.values(violations).map(({ file, imports }) => [file, [imports]] as const);
      reported = reportedIn({
        ...permitted,
        'libs/saga/src/pong.ts': ['./ping.js'],
        'services/payment/src/main.ts': [],
        ...Object.fromEntries(broken),
      });
    });

    it.each(Object.entries(violations))('reports the file that breaks %s', (rule, { file }) => {
      expect(reported).toContain(`${rule}: ${file}`);
    });
  });
});

/** `rule: file` of everything that the command of `npm run deps:check` finds in a tree of these files and imports. */
function reportedIn(files: Readonly<Record<string, readonly string[]>>): string[] {
  const tree = mkdtempSync(join(tmpdir(), 'dependency-rules-'));
  try {
    writeTree(tree, files);
    const args = [cruiser, '--config', configuration, '--output-type', 'json', 'libs', 'services', 'scripts'];
    const report = JSON.parse(execFileSync(process.execPath, args, { cwd: tree, encoding: 'utf8' })) as Report;
    return report.summary.violations.map((violation) => `${violation.rule.name}: ${violation.from}`);
  } finally {
    rmSync(tree, { recursive: true });
  }
}

function writeTree(tree: string, files: Readonly<Record<string, readonly string[]>>): void {
  const write = (file: string, content: string): void => {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), content);
  };
  for (const file of ['tsconfig.json', 'tsconfig.test.json']) copyFileSync(join(repository, file), join(tree, file));
  write('package.json', JSON.stringify(manifest));
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    write(`node_modules/${name}/index.js`, '');
  }
  for (const [file, imports] of Object.entries(files))
    write(file, imports.map((target) => `import '${target}';`).join('\n'));
}
