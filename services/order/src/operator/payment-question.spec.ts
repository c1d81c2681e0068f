import { awaitedOperation } from '@once/saga';
import { describe, expect, it } from 'vitest';
import { OrderStory, SITUATIONS, snapshot } from '../../test/order-story.js';
import type { SagaHappening } from '../checkout-saga/saga-work.js';
import { PaymentQuestion } from './payment-question.js';
import type { StoredSaga } from './saga-view.js';

const stored = (story: OrderStory): StoredSaga => ({
  saga: story.saga,
  order: story.placedOrder,
  since: '2026-01-02T03:04:05.678Z',
});

/** Asks about a story; `hears` is what happens to the story between two looks. */
const asking = (story: OrderStory, hears: () => void, withinMs = 5_000) => {
  const asked: unknown[] = [];
  const submit = ({ input }: SagaHappening) => {
    asked.push(input.kind);
    return Promise.resolve(story.happen(input));
  };
  const find = () => {
    hears();
    return Promise.resolve(stored(story));
  };
  const question = new PaymentQuestion(submit, { find }, withinMs);
  return { asked, ask: () => question.ask(stored(story)) };
};

describe('the question before a resolution', () => {
  it('sends the awaited operation again, and waits until the answer decides', async () => {
    const story = SITUATIONS.parked();
    const { asked, ask } = asking(story, () => story.reply('ok', { payment: snapshot('authorised') }));
    await ask();

    expect(asked).toEqual(['timer']);
    expect(story.commands.map(({ kind }) => kind.type)).toEqual([
      'authorise-payment',
      'authorise-payment',
      'capture-payment',
    ]);
    expect(story.saga).toMatchObject({ state: 'running', step: 'capture-payment' });
  });

  it('waits no longer than it may for an answer that does not come', async () => {
    const story = SITUATIONS.parked();
    const { ask } = asking(story, () => undefined, 120);
    const started = performance.now();
    await ask();

    expect(performance.now() - started).toBeLessThan(2_000);
    expect(story.saga.state).toBe('parked');
  });

  it('is not asked about a saga that is not parked, nor about a mail', async () => {
    const running = SITUATIONS.authorising();
    const mailing = SITUATIONS['sending the confirmation']();
    const operation = awaitedOperation(mailing.saga);
    if (operation !== null) mailing.happen({ kind: 'reply', operation, outcome: 'unknown', reason: 'mailbox?' });
    expect(mailing.saga.state).toBe('parked');
    for (const story of [running, mailing]) {
      const { asked, ask } = asking(story, () => undefined);
      await ask();
      expect(asked).toEqual([]);
    }
  });
});
