import { setTimeout as pause } from 'node:timers/promises';
import { awaitedOperation } from '@once/saga';
import type { SagaHappening } from '../checkout-saga/saga-work.js';
import { moneyEffectOf } from './money-effect.js';
import type { SagaReader } from './saga-reader.js';
import type { StoredSaga } from './saga-view.js';

/** A reply that is on its way is seen this soon; each look is one indexed read. */
const LOOK_EVERY_MS = 50;

/**
 * Has the payment service look at the provider before an operator's word about money counts. To ask is to send the awaited
 * operation again: a payment that is decided replies what it is, and one that is not is driven on, which reads the provider's
 * object. If that decides, the saga goes on by the provider's word and is parked no more; whatever is told is known to the order.
 *
 * No answer in time decides nothing. The operator's word is then held against what was told last.
 */
export class PaymentQuestion {
  constructor(
    private readonly submit: (happening: SagaHappening) => Promise<unknown>,
    private readonly sagas: Pick<SagaReader, 'find'>,
    private readonly withinMs: number,
  ) {}

  async ask({ saga, order }: StoredSaga): Promise<void> {
    const operation = awaitedOperation(saga);
    if (saga.state !== 'parked' || operation === null || moneyEffectOf(saga) === undefined) return;

    const input = { kind: 'timer', operation, attempt: saga.attempt } as const;
    await this.submit({ orderId: order.id, sagaId: saga.id, input, payment: null, messageId: null });
    const told = JSON.stringify(order.payment);
    const deadline = performance.now() + this.withinMs;
    while (performance.now() < deadline) {
      await pause(LOOK_EVERY_MS);
      const now = await this.sagas.find(saga.id);
      if (now?.saga.state !== 'parked' || JSON.stringify(now.order.payment) !== told) return;
    }
  }
}
