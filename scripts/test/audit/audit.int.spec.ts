import { testDatabase } from '@once/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { judge, loadInvariants } from '../../audit/invariants.mjs';
import { Scratch } from '../../audit/scratch.mjs';
import { connect } from '../../audit/sources/postgres-client.mjs';
import { soundWorld, type Row, type World } from './sound-world.js';
import { MESSAGE_VIOLATIONS } from './violations/message-violations.js';
import { MONEY_VIOLATIONS } from './violations/money-violations.js';
import { ORDER_VIOLATIONS } from './violations/order-violations.js';
import { REQUEST_VIOLATIONS } from './violations/request-violations.js';

/** One for every invariant: the smallest change of a sound world that breaks it and no other. */
const VIOLATIONS = { ...MONEY_VIOLATIONS, ...ORDER_VIOLATIONS, ...MESSAGE_VIOLATIONS, ...REQUEST_VIOLATIONS };

interface Invariant {
  readonly name: string;
  readonly promise: string;
  readonly judged: string;
}

interface Result {
  readonly name: string;
  readonly verdict: 'holds' | 'broken' | 'not judged';
  readonly rows: readonly Row[];
}

const invariants = loadInvariants() as Invariant[];
let database: Awaited<ReturnType<typeof testDatabase>>;
let client: Awaited<ReturnType<typeof connect>>;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

beforeEach(async () => {
  client = await connect('test database', database.url);
});
afterEach(() => client.end());

const judgeWorld = async (world: World, { isAtRest = true, hasRequests = true } = {}): Promise<Result[]> => {
  const scratch = new Scratch(client);
  await scratch.create();
  for (const [table, rows] of Object.entries(world)) await scratch.fill(table, rows);
  await scratch.prepare();
  return (await judge(scratch, invariants, { isAtRest, hasRequests })) as Result[];
};

/** What is broken, and by how many rows. */
const breaches = (results: readonly Result[]): Record<string, number> =>
  Object.fromEntries(
    results.filter(({ verdict }) => verdict === 'broken').map(({ name, rows }) => [name, rows.length]),
  );

describe('the audit of a sound world', () => {
  it('finds nothing and judges everything', async () => {
    const results = await judgeWorld(soundWorld());

    expect(breaches(results)).toEqual({});
    expect(results.filter(({ verdict }) => verdict === 'not judged')).toEqual([]);
  });

  it('allows a new key after a stored no, a second copy of one mail, and a late reply', async () => {
    const world = soundWorld();
    const [, confirm] = world['provider_call'] ?? [];
    Object.assign(confirm ?? {}, { status: 500, applied: false });
    world['provider_call']?.push({ ...confirm, seq: 20, status: 200, applied: true, idempotency_key: 'generation 2' });
    world['mail']?.push({ ...world['mail'][0], seq: 20 });
    const replied = world['saga_timeline']?.[2];
    world['saga_timeline']?.push({ ...replied, seq: 6, cause: 2, outcome: 'duplicate' });

    expect(breaches(await judgeWorld(world))).toEqual({});
  });
});

describe('every invariant', () => {
  it('has a violation in this test, and no other has one', () => {
    expect(Object.keys(VIOLATIONS).toSorted()).toEqual(invariants.map(({ name }) => name));
  });

  it('says what it promises in words', () => {
    for (const { name, promise } of invariants) expect(promise, name).toMatch(/^[A-Z].{20,}\.$/);
  });

  it.each(invariants)('finds what breaks $name, and nothing else', async ({ name }) => {
    const violation = VIOLATIONS[name];
    const world = soundWorld();
    violation?.plant(world);

    const entailed = violation?.entails === undefined ? {} : { [violation.entails]: 1 };
    expect(breaches(await judgeWorld(world))).toEqual({ [name]: violation?.rows ?? 1, ...entailed });
  });
});

describe('an audit that cannot see everything', () => {
  it('judges only the append-only records while something is under way', async () => {
    const results = await judgeWorld(soundWorld(), { isAtRest: false });

    expect(results.filter(({ verdict }) => verdict === 'holds').map(({ name }) => name)).toEqual([
      'calls-stay-within-the-budget',
      'each-effect-applied-once',
      'no-capture-after-void',
      'no-double-charge',
      'one-meaning-per-provider-key',
      'one-provider-key-per-operation',
      'refunds-never-exceed-captures',
    ]);
  });

  it('says which invariants need a log of requests', async () => {
    const results = await judgeWorld(soundWorld(), { hasRequests: false });

    expect(results.filter(({ verdict }) => verdict === 'not judged').map(({ name }) => name)).toEqual([
      'acknowledged-orders-exist',
      'an-end-is-final',
      'every-order-was-asked-for',
      'nobody-sees-anothers-order',
      'one-answer-per-key',
      'one-request-per-key',
      'refused-requests-left-nothing',
    ]);
  });
});
