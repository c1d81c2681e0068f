import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { editedCopy, type Edit } from '@once/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));

interface Control {
  readonly guard: string;
  readonly edit: Edit;
  /** The proof that sees it missing, and which of its tests. */
  readonly proof: string;
  readonly test: string;
  /** What the proof says then. */
  readonly says: RegExp;
}

const CONTROLS: readonly Control[] = [
  {
    guard: 'the version of a saga in its update',
    edit: {
      file: 'libs/saga/dist/postgres/move-sagas.js',
      find: 'where s.id = c.id and s.version = c.version - 1',
      replace: 'where s.id = c.id',
    },
    proof: 'cancellations',
    test: 'leave every order cancelled',
    says: /AssertionError/,
  },
  {
    guard: 'the outbox row',
    edit: {
      file: 'libs/messaging/dist/postgres/insert-outbox.js',
      find: 'returning id, created_at',
      replace: 'where false returning id, created_at',
    },
    proof: 'commits',
    test: "end every 'checkout' right",
    says: /still failing after/,
  },
  {
    guard: 'the count of stock that is never negative',
    edit: {
      file: 'services/order/dist/persistence/migrations/1700000000100-create-order.js',
      find: 'check (available >= 0 and reserved >= 0 and sold >= 0)',
      replace: 'check (true)',
    },
    proof: 'last-units',
    test: 'are sold once each',
    says: /stock-is-conserved/,
  },
  {
    guard: 'the operation that a reply must answer',
    edit: {
      file: 'libs/saga/dist/saga-happening.js',
      find: 'const isLate = !isAwaited(saga, operation);',
      replace: 'const isLate = false;',
    },
    proof: 'timeouts',
    test: 'until their orders were given up',
    says: /AssertionError/,
  },
  {
    guard: 'the goal that never moves back',
    edit: {
      file: 'services/payment/dist/payment/request.js',
      find: "return isRequested(known, 'authorise') || known.goal === 'return'",
      replace:
        "if (known.goal === 'return') return { ...known, requests, goal: 'collect', charge: request.charge };\n            return false",
    },
    proof: 'timeouts',
    test: "refuses its late 'authorise-payment'",
    says: /AssertionError/,
  },
  {
    guard: 'the new key after a 500 that the provider keeps',
    edit: {
      file: 'services/payment/dist/payment/observation.js',
      find: 'generation: payment.generation + 1',
      replace: 'generation: payment.generation',
    },
    proof: 'timeouts',
    test: 'is made once',
    says: /still failing after/,
  },
];

/** `PROOF_CONTROL=outbox` runs the controls whose guard has this word. */
const wanted = process.env['PROOF_CONTROL'] ?? '';

describe('a proof of the saga', () => {
  it.each(CONTROLS.filter(({ guard }) => guard.includes(wanted)))(
    'is red without $guard',
    async ({ edit, proof, test, says }) => {
      const copy = await editedCopy([edit]);
      onTestFinished(copy.remove);
      const { code, output } = await runProof(proof, test, copy.directory);
      process.stdout.write(`${output.match(/^.*(AssertionError|DeadlineError).*$/m)?.[0] ?? 'no failure'}\n`);
      expect(code).toBe(1);
      expect(output).toMatch(says);
      // It is the test that failed, and not the start of the system.
      expect(output).not.toMatch(/is not ready|was not started/);
    },
  );
});

/** The proof as `npm run proofs` runs it, over the edited copy, and with less patience for what will not come. */
async function runProof(proof: string, test: string, directory: string): Promise<{ code: number; output: string }> {
  const child = spawn(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--project=proofs',
      `services/order/test/proofs/${proof}.proof.ts`,
      '-t',
      test,
    ],
    {
      cwd: repository,
      env: { ...process.env, PROOF_DIRECTORY: directory, PROOF_WITHIN_MS: '20000', PROOF_SEEDS: '1', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, 'close')) as [number];
  return { code, output: Buffer.concat(chunks).toString() };
}
