import { setTimeout as pause } from 'node:timers/promises';
import { awaitedOperation } from '@once/saga';
import type { Traced } from '@once/service-kit';
import type { SagaHappening } from '../checkout-saga/saga-work.js';
import { NOT_ASKED, type Learned } from './learned.js';
import { moneyEffectOf } from './money-effect.js';
import type { SagaReader } from './saga-reader.js';
import type { StoredSaga } from './saga-view.js';

/** A reply that is on its way is seen this soon; each look is one indexed read. */
const LOOK_EVERY_MS = 50;

/**
 * Has the payment service look at the provider before an operator's word about money counts. To ask is to send the awaited
 * operation again: a payment that is decided replies what it is, and one that is not is looked at anew, and replies that it still
 * is not. If the answer decides, the saga goes on by the provider's word and is parked no more.
 *
 * The answer is waited for as long as the look may take. Silence decides nothing: the operator's word is then held against what was
 * told last.
 */
export class PaymentQuestion {
  /** `withinMs`: a look is made under a lease, so one that has told nothing when a lease is over tells nothing any more. */
  constructor(
    private readonly submit: (happening: SagaHappening & Traced) => Promise<unknown>,
    private readonly sagas: Pick<SagaReader, 'find'>,
    private readonly withinMs: number,
  ) {}

  async ask({ saga, order, answers }: StoredSaga, trace: Traced): Promise<Learned> {
    const operation = awaitedOperation(saga);
    if (saga.state !== 'parked' || operation === null || moneyEffectOf(saga) === undefined) return NOT_ASKED;

    const input = { kind: 'timer', operation, attempt: saga.attempt } as const;
    await this.submit({ orderId: order.id, sagaId: saga.id, input, payment: null, messageId: null, ...trace });
    const started = performance.now();
    for (;;) {
      const now = await this.sagas.find(saga.id);
      if (now === null) return NOT_ASKED;
      const { payment } = now.order;
      if (now.answers > answers) return { kind: 'answered', payment };
      // Somebody else has decided the saga meanwhile; or nothing was sent, because this process cannot read it.
      if (now.saga.state !== 'parked' || now.saga.attempt === saga.attempt) return NOT_ASKED;
      const afterMs = Math.round(performance.now() - started);
      if (afterMs >= this.withinMs) return { kind: 'silent', afterMs, payment };
      await pause(LOOK_EVERY_MS);
    }
  }
}
