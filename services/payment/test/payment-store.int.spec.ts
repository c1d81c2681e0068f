import { randomUUID } from 'node:crypto';
import { operationKey } from '@once/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PaymentDatabase } from './payment-database.js';
import { intent, observation, request } from './payment-inputs.js';
import { charge, MESSAGE_ID, operationOf } from './payments.js';

let database: PaymentDatabase;
let orderId: string;

beforeAll(async () => {
  database = await PaymentDatabase.open();
});
afterAll(() => database.close());
beforeEach(() => {
  orderId = randomUUID();
});

const authorised = (order: string) =>
  database.given(request(order, 'authorise'), intent(order, { status: 'requires_capture' }));

describe('a committed change', () => {
  it('is loaded as it was decided', async () => {
    await authorised(orderId);
    expect(await database.paymentOf(orderId)).toEqual({
      orderId,
      goal: 'collect',
      reason: null,
      charge,
      intentId: `pi_${orderId}`,
      intentStatus: 'requires_capture',
      capturedAmount: 0,
      refundedAmount: 0,
      generation: 1,
      undecided: null,
      requests: [{ kind: 'authorise', operation: operationOf('authorise', { sagaId: orderId }), isAnswered: true }],
      version: 2,
    });
  });

  it('has its row, its record and its message together', async () => {
    const store = database.store();
    const [change] = await database.decideAll(request(orderId, 'return'));
    expect(await database.count(orderId)).toEqual({ payments: 0, records: 0, messages: 0 });
    expect(await store.commit(change === undefined ? [] : [change])).toEqual(new Set([0]));
    expect(await database.count(orderId)).toEqual({ payments: 1, records: 1, messages: 1 });

    const [message] = await database.rows<{ id: string; created_at: Date; payload: unknown }>(
      `select id, created_at, payload from outbox_message where payload->>'orderId' = $1`,
      [orderId],
    );
    expect(store.published).toMatchObject([
      { id: message?.id, destination: 'order', type: 'step-reply', sagaId: orderId, causationId: MESSAGE_ID },
    ]);
    expect(store.published[0]?.payload).toEqual(message?.payload);
    expect(Number(store.published[0]?.committedAt) - Number(message?.created_at)).toBeLessThan(1_000);
  });

  it('has nothing at all when a constraint refuses a part of it', async () => {
    await authorised(orderId);
    const refundOfNothing = await database.decideAll(observation(orderId, { kind: 'refunds', refundedAmount: 1 }));
    await expect(database.store().commit(refundOfNothing)).rejects.toMatchObject({
      constraint: 'refunds_never_exceed_the_capture',
    });
    expect(await database.paymentOf(orderId)).toMatchObject({ refundedAmount: 0, version: 2 });
  });

  it('completes the record of an earlier command with its first outcome, which stays', async () => {
    const key = operationKey(operationOf('authorise', { sagaId: orderId }));
    const recordOf = () =>
      database.rows<{ outcome: { outcome: string } | null; recovery_point: string; lease_token: string }>(
        `select outcome, recovery_point, lease_token from idempotency_record where scope = 'step' and key = $1`,
        [key],
      );
    await database.given(request(orderId, 'authorise'));
    expect(await recordOf()).toEqual([{ outcome: null, recovery_point: 'intended', lease_token: '1' }]);

    const [first] = await database.decideAll(intent(orderId, { status: 'requires_capture' }));
    const [late] = await database.decideAll(observation(orderId, { kind: 'rejected' }));
    if (first === undefined || late === undefined) throw new Error('both observations change the payment');
    await database.store().commit([first]);
    await database.store().commit([{ ...late, payment: null, replies: [] }]);
    expect(await recordOf()).toMatchObject([{ outcome: { outcome: 'ok' }, recovery_point: 'finished' }]);
  });

  it('records an amount that the provider got wrong, so that it can be returned', async () => {
    await authorised(orderId);
    await database.given(request(orderId, 'return'));
    await database.given(intent(orderId, { status: 'succeeded', amount: 2399, capturedAmount: 2399 }));
    expect(await database.paymentOf(orderId)).toMatchObject({ goal: 'return', capturedAmount: 2399 });
  });
});

describe('a stale change', () => {
  /** A return that would answer itself and the authorisation, and an intent that appears before it is committed. */
  const race = async () => {
    await database.given(request(orderId, 'authorise'));
    const returning = await database.decideAll(request(orderId, 'return'));
    expect(returning[0]).toMatchObject({ records: [{}], completions: [{}], replies: [{}, {}] });
    return { returning, appearing: await database.decideAll(intent(orderId, { status: 'requires_confirmation' })) };
  };
  const isUntouched = async () => {
    expect(await database.count(orderId)).toEqual({ payments: 1, records: 1, messages: 0 });
    expect(await database.rows('select outcome from idempotency_record where subject = $1', [orderId])).toEqual([
      { outcome: null },
    ]);
    expect(await database.paymentOf(orderId)).toMatchObject({ goal: 'collect', intentId: `pi_${orderId}`, version: 2 });
  };

  it('takes no effect: no row, no record, no message', async () => {
    const { returning, appearing } = await race();
    await database.store().commit(appearing);
    const store = database.store();
    expect(await store.commit(returning)).toEqual(new Set());
    expect(store.published).toEqual([]);
    await isUntouched();
  });

  it('takes no effect when the newer one is committed while it waits', async () => {
    const { returning, appearing } = await race();
    const transaction = await database.begin();
    await database.store(transaction).commit(appearing);
    const late = database.store().commit(returning);
    await database.untilBlocked(1);
    await transaction.query('commit');
    transaction.release();

    expect(await late).toEqual(new Set());
    await isUntouched();
  });

  it('counts when the newer one is rolled back', async () => {
    const { returning, appearing } = await race();
    const transaction = await database.begin();
    await database.store(transaction).commit(appearing);
    const next = database.store().commit(returning);
    await database.untilBlocked(1);
    await transaction.query('rollback');
    transaction.release();

    expect(await next).toEqual(new Set([0]));
    expect(await database.count(orderId)).toEqual({ payments: 1, records: 2, messages: 2 });
  });
});

describe('the database refuses, whoever writes,', () => {
  const insert = (values: object) =>
    database.rows(
      `insert into payment (order_id, goal, amount, currency, method, intent_id, captured_amount, refunded_amount, requests)
       select v.order_id, v.goal, v.amount, v.currency, v.method, v.intent_id, v.captured_amount, v.refunded_amount, '[]'
         from jsonb_to_record($1) as v(order_id uuid, goal text, amount bigint, currency text, method text,
                                       intent_id text, captured_amount bigint, refunded_amount bigint)`,
      [{ order_id: orderId, goal: 'collect', ...charge, captured_amount: 0, refunded_amount: 0, ...values }],
    );

  it.each([
    ['a goal that it does not know', 'goal_is_collect_or_return', { goal: 'keep' }],
    ['an amount without its currency', 'charge_is_whole_or_absent', { currency: null }],
    ['an amount of nothing', 'charge_is_whole_or_absent', { amount: 0 }],
    [
      'refunds beyond the capture',
      'refunds_never_exceed_the_capture',
      { captured_amount: 2400, refunded_amount: 2401 },
    ],
    ['another capture than the amount', 'captured_is_the_amount_or_is_returned', { captured_amount: 2399 }],
  ])('%s', async (_name, constraint, fields) => {
    await expect(insert(fields)).rejects.toMatchObject({ constraint });
  });

  it('a second payment with the same intent', async () => {
    await insert({ intent_id: 'pi_taken' });
    await expect(insert({ order_id: randomUUID(), intent_id: 'pi_taken' })).rejects.toMatchObject({
      constraint: 'one_payment_per_intent',
    });
  });
});
