import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { readSettings } from '@once/service-kit';
import { describe, expect, it } from 'vitest';
import { NOTIFICATION_SETTINGS } from '../../services/notification/src/notification-service.js';
import { ORDER_SETTINGS } from '../../services/order/src/order-service.js';
import { PAYMENT_SETTINGS } from '../../services/payment/src/payment-service.js';
import { SANDBOX_SETTINGS } from '../../services/sandbox/src/start-sandbox.js';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** Values of one's own for everything that production refuses. */
const OWN: Readonly<Record<string, string>> = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://role:kept@db.invalid/once',
  AMQP_URL: 'amqp://user:kept@broker.invalid',
  API_KEYS: 'shop=sk_kept',
  OPERATOR_KEY: 'op_kept',
  RATE_LIMIT_PER_SECOND: '100',
  PAYMENT_PROVIDER_URL: 'https://provider.invalid',
  PAYMENT_PROVIDER_KEY: 'sk_live_kept',
  PAYMENT_WEBHOOK_SECRET: 'whsec_kept',
  SMTP_URL: 'smtp://mail.invalid',
};

/** What everybody can read in this repository. */
const PUBLIC: Readonly<Record<string, string>> = {
  DATABASE_URL: 'postgres://role:once@db.invalid/once',
  AMQP_URL: 'amqp://user:once@broker.invalid',
  API_KEYS: 'shop=sk_kept,demo=sk_demo',
  OPERATOR_KEY: 'op_demo',
  RATE_LIMIT_PER_SECOND: '0',
  PAYMENT_PROVIDER_URL: 'http://127.0.0.1:3003',
  PAYMENT_PROVIDER_KEY: 'sk_test_sandbox',
  PAYMENT_WEBHOOK_SECRET: 'whsec_sandbox',
  SMTP_URL: 'smtp://127.0.0.1:3025',
};

const EVERYWHERE = ['DATABASE_URL', 'AMQP_URL', 'API_KEYS', 'OPERATOR_KEY'];

const SETTINGS = {
  order: { reads: ORDER_SETTINGS, refused: [...EVERYWHERE, 'RATE_LIMIT_PER_SECOND'] },
  payment: {
    reads: PAYMENT_SETTINGS,
    refused: [...EVERYWHERE, 'PAYMENT_PROVIDER_URL', 'PAYMENT_PROVIDER_KEY', 'PAYMENT_WEBHOOK_SECRET'],
  },
  notification: { reads: NOTIFICATION_SETTINGS, refused: [...EVERYWHERE, 'SMTP_URL'] },
  sandbox: { reads: SANDBOX_SETTINGS, refused: ['DATABASE_URL', 'PAYMENT_WEBHOOK_SECRET'] },
} as const;

describe('a process with NODE_ENV=production', () => {
  it.each(Object.entries(SETTINGS))(
    '%s does not start on what a laptop has, and names all of it',
    async (service, { refused }) => {
      const { code, printed } = await start(service, { NODE_ENV: 'production' });
      expect(code).toBe(1);
      expect(named(printed)).toEqual(refused.toSorted());
    },
  );
});

/** Each service with one setting left as it is on a laptop. */
const CASES = Object.entries(SETTINGS).flatMap(([service, { reads, refused }]) =>
  refused.map((left) => ({ service, reads, left })),
);

describe('a service in production', () => {
  it.each(CASES)('$service refuses the development value of $left, and nothing else', ({ reads, left }) => {
    expect(() => readSettings(reads, OWN)).not.toThrow();
    expect(() => readSettings(reads, { ...OWN, [left]: PUBLIC[left] })).toThrow(
      new RegExp(`^The settings cannot be used:\\n  - ${left} [^\\n]+$`),
    );
  });
});

/** The settings that were refused for production's sake. */
function named(printed: string): readonly string[] {
  return [...printed.matchAll(/^ {2}- (\w+) .*production/gm)].map(([, name = '']) => name).toSorted();
}

async function start(service: string, env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [`${repository}services/${service}/dist/main.js`], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: child.exitCode, printed: stdout + stderr };
}
