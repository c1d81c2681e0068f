import { describe, expect, it } from 'vitest';
import { OrderStory, SITUATIONS, snapshot } from '../../test/order-story.js';
import type { SagaHappening } from '../checkout-saga/saga-work.js';
import { PaymentQuestion } from './payment-question.js';
import type { StoredSaga } from './saga-view.js';

/** Asks about a story; `hears` is what happens to the story between two looks, and tells how many answers it has had. */
const asking = (story: OrderStory, hears: () => number, withinMs = 5_000) => {
  const asked: unknown[] = [];
  const stored = (answers: number): StoredSaga => ({
    saga: story.saga,
    order: story.placedOrder,
    since: '2026-01-02T03:04:05.678Z',
    answers,
  });
  const submit = ({ input }: SagaHappening) => {
    asked.push(input.kind);
    return Promise.resolve(story.happen(input));
  };
  const question = new PaymentQuestion(submit, { find: () => Promise.resolve(stored(hears())) }, withinMs);
  const found = stored(1);
  return { asked, ask: () => question.ask(found, {}) };
};

const parkedBeforeItsMail = (): OrderStory => {
  const story = SITUATIONS['sending the confirmation']();
  story.reply('unknown', { reason: 'mailbox?' });
  return story;
};

describe('the question before a resolution', () => {
  it('sends the awaited operation again, and waits until the answer decides', async () => {
    const story = SITUATIONS.parked();
    const payment = snapshot('authorised');
    const { asked, ask } = asking(story, () => {
      if (story.saga.state === 'parked') story.reply('ok', { payment });
      return 2;
    });

    expect(await ask()).toEqual({ kind: 'answered', payment });
    expect(asked).toEqual(['timer']);
    expect(story.commands.map(({ kind }) => kind.type)).toEqual([
      'authorise-payment',
      'authorise-payment',
      'capture-payment',
    ]);
    expect(story.saga).toMatchObject({ state: 'running', step: 'capture-payment' });
  });

  it('is answered, too, when the provider still does not decide', async () => {
    const story = SITUATIONS.parked();
    const payment = snapshot('unknown');
    const looks = [1, 1, 2];
    const { ask } = asking(story, () => {
      if (looks[0] === 2) story.reply('unknown', { reason: 'the bank is odd', payment });
      return looks.shift() ?? 2;
    });

    expect(await ask()).toEqual({ kind: 'answered', payment });
    expect(story.saga.state).toBe('parked');
  });

  it('is given up when the answer does not come, and says what was told last', async () => {
    const story = SITUATIONS.parked();
    const { ask } = asking(story, () => 1, 120);

    const learned = await ask();
    expect(learned).toEqual({
      kind: 'silent',
      afterMs: expect.any(Number) as number,
      payment: snapshot('pending'),
    });
    expect(learned.kind === 'silent' && learned.afterMs).toBeGreaterThanOrEqual(120);
    expect(story.saga.state).toBe('parked');
  });

  it('learns nothing from a customer who cancels meanwhile', async () => {
    const story = SITUATIONS.parked();
    const { ask } = asking(story, () => {
      if (story.saga.state === 'parked') story.cancel();
      return 1;
    });
    expect(await ask()).toEqual({ kind: 'not-asked' });
  });

  it('that another operator has just asked is not asked twice, and its answer counts for both', async () => {
    const story = SITUATIONS.parked();
    const { asked, ask } = asking(story, () => (asked.length === 2 ? 2 : 1), 120);
    const [one, other] = await Promise.all([ask(), ask()]);

    expect(story.commands).toHaveLength(2);
    expect([one.kind, other.kind]).toEqual(['answered', 'answered']);
  });

  it.each([
    ['of a saga that is not parked', SITUATIONS.authorising, []],
    ['about a mail', parkedBeforeItsMail, []],
    [
      'of a saga that this process cannot read',
      () => {
        const story = SITUATIONS.parked();
        story.sagas[0] = { ...story.saga, definitionVersion: 99 };
        return story;
      },
      ['timer'],
    ],
  ])('%s is none', async (_, situation, expected) => {
    const { asked, ask } = asking(situation(), () => 1);
    expect(await ask()).toEqual({ kind: 'not-asked' });
    expect(asked).toEqual(expected);
  });
});
