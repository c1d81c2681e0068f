import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { SpawnedSystem } from './spawned-system.js';

const script = fileURLToPath(new URL('../../../scripts/audit.mjs', import.meta.url));

const Findings = z.object({
  verdict: z.enum(['green', 'broken', 'invalid']),
  /** Why it is invalid. */
  why: z.string().optional(),
  rest: z.enum(['at rest', 'stuck', 'busy']).optional(),
  counts: z.record(z.string(), z.number()).default({}),
  invariants: z
    .array(
      z.object({
        name: z.string(),
        verdict: z.enum(['holds', 'broken', 'not judged']),
        rows: z.array(z.record(z.string(), z.unknown())),
      }),
    )
    .default([]),
  timelines: z.record(z.string(), z.array(z.object({ event: z.string() }))).default({}),
});
export type AuditFindings = z.infer<typeof Findings>;

export interface AuditRun {
  readonly exitCode: number;
  readonly findings: AuditFindings;
  /** What is broken, with its rows: `{}` is what a test wants to see. Why it is invalid, where it is. */
  readonly broken: Readonly<Record<string, unknown>>;
}

export interface AuditOptions {
  /** As for `npm run audit`: `['--within', '30', '--stock', 'mug=1000000']`. */
  readonly args?: readonly string[];
  /** Over the addresses of the system. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `npm run audit` over a system, as a program of its own that shares nothing with it. */
export const auditSystem = async (
  system: SpawnedSystem,
  { args = [], env = {} }: AuditOptions = {},
): Promise<AuditRun> => {
  const { exitCode, output } = await runAudit(system, { args: ['--json', ...args], env });
  const findings = Findings.parse(JSON.parse(output));
  const broken = findings.invariants
    .filter(({ verdict }) => verdict === 'broken')
    .map(({ name, rows }) => [name, rows]);
  const invalid = findings.verdict === 'invalid' ? [['invalid', findings.why]] : [];
  return { exitCode, findings, broken: Object.fromEntries([...broken, ...invalid]) as Record<string, unknown> };
};

/** The same as text, for a test of how it reads. */
export const runAudit = async (
  { databases, sandbox, broker }: SpawnedSystem,
  { args = [], env = {} }: AuditOptions,
): Promise<{ readonly exitCode: number; readonly output: string }> => {
  const child = spawn(process.execPath, [script, ...args], {
    env: {
      ...process.env,
      ORDER_DATABASE_URL: databases.order.url,
      PAYMENT_DATABASE_URL: databases.payment.url,
      NOTIFICATION_DATABASE_URL: databases.notification.url,
      SANDBOX_URL: sandbox.url,
      AMQP_URL: broker.amqpUrl,
      AMQP_MANAGEMENT_URL: broker.managementUrl,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(child, 'close');
  return { exitCode: child.exitCode ?? -1, output: Buffer.concat(chunks).toString() };
};
