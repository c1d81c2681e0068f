import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually, spawnSystem, type SpawnedSystem } from '@once/testing';
import { Client } from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../once.mjs', import.meta.url));

let system: SpawnedSystem;

beforeAll(async () => {
  const unhurried = { SAGA_STEP_TIMEOUT_MS: '600000', SAGA_GIVE_UP_MS: '1200000' };
  // A resolution waits a lease for a payment service that is away.
  system = await spawnSystem({ env: { ...unhurried, IDEMPOTENCY_LEASE_MS: '3000', PROVIDER_TIMEOUT_MS: '1000' } });
});

interface Run {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** `npm run once -- …` as a program of its own. */
const run = async (args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Run> => {
  const child = spawn(process.execPath, [script, ...args], {
    env: {
      ...process.env,
      ORDER_URL: system.order.url,
      PAYMENT_URL: system.payment.url,
      NOTIFICATION_URL: system.notification.url,
      SANDBOX_URL: system.sandbox.url,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const [code] = (await once(child, 'close')) as [number];
  return { code, output: Buffer.concat(output).toString(), errors: Buffer.concat(errors).toString() };
};

const json = async <Answer>(...args: readonly string[]): Promise<Answer> => {
  const { code, output, errors } = await run([...args, '--json']);
  expect(code, errors).toBe(0);
  return JSON.parse(output) as Answer;
};

const place = async (): Promise<string> => {
  const response = await fetch(`${system.order.url}/orders`, {
    method: 'POST',
    headers: {
      authorization: 'Bearer sk_demo',
      'content-type': 'application/json',
      'idempotency-key': crypto.randomUUID(),
    },
    body: JSON.stringify({
      customer: { email: 'ada@example.com' },
      items: [{ sku: 'mug', quantity: 2 }],
      payment: { method: 'pm_card_visa' },
    }),
  });
  return ((await response.json()) as { id: string }).id;
};

describe('once order', () => {
  it('tells an order, its story and what the provider booked', async () => {
    const id = await place();
    await eventually(async () => expect((await json<{ status: string }>('order', id)).status).toBe('confirmed'), {
      withinMs: 20_000,
      everyMs: 250,
    });

    const { output } = await run(['order', id]);
    expect(output).toMatch(/demo +confirmed +24\.00 EUR +captured +2 mug/);
    expect(output).toMatch(/replied +capture-payment +ok/);
    expect(output).toMatch(/capture +24\.00 EUR +pi_/);
  });

  it('says that there is none', async () => {
    expect(await run(['order', crypto.randomUUID()])).toMatchObject({
      code: 1,
      errors: expect.stringContaining('There is no such order.') as string,
    });
  });
});

describe('once stock', () => {
  it('lists every SKU, and sets what is available of one', async () => {
    expect((await json<{ sku: string }[]>('stock')).map(({ sku }) => sku)).toEqual(['limited', 'mug', 'print', 'tee']);
    expect(await json('stock', 'limited', '50')).toEqual({ sku: 'limited', available: 50, reserved: 0, sold: 0 });
    expect((await run(['stock', 'limited'])).output).toBe(
      'sku      available  reserved  sold\nlimited         50         0     0\n',
    );
  });

  it('says what is wrong with a unicorn, and with a number that is none', async () => {
    expect((await run(['stock', 'unicorn'])).errors).toContain('There is no SKU unicorn');
    expect((await run(['stock', 'mug', 'many'])).errors).toContain('"many" is no number of units');
  });
});

describe('once sagas', () => {
  it('lists what is parked and resolves it, with the reason why in the story', async () => {
    // The participant is asked, but nothing is received: the saga stays where it is put.
    await system.payment.stop();
    const orderId = await place();
    const client = new Client({ connectionString: system.databases.order.url });
    await client.connect();
    await client.query(
      `update saga set state = 'parked', parked_reason = 'unclear', parked_at = now(), version = version + 1 where subject_id = $1`,
      [orderId],
    );
    await client.end();

    const [parked] = await json<{ id: string; orderId: string }[]>('sagas');
    expect(parked).toMatchObject({ orderId, status: 'parked', moneyAtStake: 2400 });
    expect((await run(['sagas'])).output).toMatch(
      /24\.00 EUR +the answer to authorise-payment does not decide: unclear/,
    );

    const id = parked?.id ?? '';
    expect((await run(['sagas', 'show', id])).output).toMatch(/authorise-payment +parked[^]*\n +1 .* started/);
    const { timeline, ...shown } = await json<{ timeline: object[] }>('sagas', 'show', id);
    expect(shown).toEqual(parked);
    expect(timeline[0]).toMatchObject({ seq: 1, event: 'started' });
    expect(await json('sagas', 'retry', id, '--note', 'it was down')).toMatchObject({ id, status: 'parked' });

    const refused = await run(['sagas', 'resolve', id, 'applied']);
    expect(refused).toMatchObject({ code: 1, errors: expect.stringContaining('Say why: --note') as string });
    const resolve = ['sagas', 'resolve', id, 'not_applied', '--note', 'no such intent'];
    expect(await json(...resolve)).toMatchObject({
      status: 'compensating',
      learned: expect.stringContaining('the payment service did not answer within') as string,
    });
    expect((await run(resolve)).errors).toContain('Conflict (409): The saga is compensating');
    expect((await run(['order', orderId])).output).toMatch(/resolved .*note: no such intent/);
    await system.payment.start();
    expect((await run(['sagas'])).output).toBe('No saga is parked.\n');
  });
});

describe('once dead-letters', () => {
  it.each(['order', 'payment', 'notification'])(
    'shows, redrives and discards poison of the %s service',
    async (service) => {
      await system.broker.manage('POST', `/api/exchanges/${system.broker.name}/once/publish`, {
        routing_key: service,
        payload: `poison for ${service}`,
        payload_encoding: 'string',
        properties: {},
      });
      const letters = () => json<{ id: string; service: string; redrivenAt: string | null }[]>('dead-letters');
      const letter = await eventually(
        async () => {
          const found = (await letters()).find((candidate) => candidate.service === service);
          if (found === undefined) throw new Error('no dead letter yet');
          return found;
        },
        { withinMs: 20_000, everyMs: 250 },
      );

      expect((await run(['dead-letters', 'show', letter.id])).output).toContain(`poison for ${service}`);
      expect((await run(['dead-letters', 'redrive', letter.id])).output).toContain(`of the ${service} service`);
      // It is as undecodable as before, so it comes back, and says that it was tried again.
      await eventually(async () => expect((await letters())[0]?.redrivenAt).toEqual(expect.any(String)), {
        withinMs: 20_000,
        everyMs: 250,
      });
      expect(await json('dead-letters', 'discard', letter.id, '--note', 'poison')).toMatchObject({
        outcome: 'discarded',
      });
      expect((await run(['dead-letters'])).output).toBe('There are no dead letters.\n');
      expect((await run(['dead-letters', 'show', letter.id])).errors).toContain('No service has a dead letter');
    },
  );
});

describe('once', () => {
  it('explains itself', async () => {
    expect(await run([])).toMatchObject({ code: 0, output: expect.stringContaining('npm run once --') as string });
    expect(await run(['sell'])).toMatchObject({
      code: 1,
      errors: expect.stringContaining('does not know "sell"') as string,
    });
  });

  it('says what to do about a wrong key, and about a service that is away', async () => {
    expect((await run(['sagas'], { OPERATOR_KEY: 'sk_demo' })).errors).toContain('set OPERATOR_KEY');
    expect((await run(['stock'], { ORDER_URL: 'http://127.0.0.1:1' })).errors).toContain('Start it with npm start');
  });
});
