import { authorisePayment, capturePayment, returnPayment, sendCancellation, sendConfirmation } from '@once/contracts';
import { describe, expect, it } from 'vitest';
import { checkout, OrderStory, refund } from '../../test/order-story.js';
import { CANCEL_REASONS } from '../order/order.js';
import { draftCommand } from './saga-commands.js';

const { placedOrder, saga } = OrderStory.placed();
const operation = { sagaId: saga.id, step: 'some-step', direction: 'action', generation: 1 } as const;
const draft = (type: string, order = placedOrder, attempt = 1) => draftCommand(order, { type, operation, attempt });

const subject = { operation, orderId: placedOrder.id };
const money = { amount: 2400, currency: 'EUR' };

describe('the command of a saga', () => {
  it.each([
    [authorisePayment, { ...subject, ...money, method: 'pm_card_visa' }],
    [capturePayment, subject],
    [returnPayment, subject],
    [sendConfirmation, { ...subject, ...money, to: 'ada@example.com' }],
    [sendCancellation, { ...subject, ...money, to: 'ada@example.com', reason: 'requested' }],
  ])('$type goes to its participant with a payload of its contract', (contract, payload) => {
    const command = draft(contract.type);
    expect(command).toEqual({ kind: contract, payload, sagaId: saga.id });
    expect(contract.payload.parse(command.payload)).toEqual(payload);
  });

  it('says the same in every attempt', () => {
    for (const { type } of [authorisePayment, capturePayment, returnPayment, sendConfirmation, sendCancellation]) {
      expect(draft(type, placedOrder, 7)).toEqual(draft(type));
    }
  });

  it.each(CANCEL_REASONS)('tells the customer that the reason is %s', (reason) => {
    expect(draft(sendCancellation.type, { ...placedOrder, reason }).payload).toMatchObject({ reason });
  });

  it('is known for every step of every saga', () => {
    for (const { steps, undoneSteps } of [checkout, refund]) {
      const works = [...steps, ...undoneSteps].flatMap(({ action, compensation }) => [action, compensation]);
      for (const work of works) {
        if (work?.kind === 'remote') draft(work.command);
      }
      expect(works.some((work) => work?.kind === 'remote')).toBe(true);
    }
  });

  it('that nobody receives is a mistake in the definition, and loud', () => {
    expect(() => draft('wrap-gift')).toThrow('the command wrap-gift');
  });
});
