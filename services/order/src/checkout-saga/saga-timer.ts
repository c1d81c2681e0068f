import type { OutboxGauge } from '@once/messaging';
import { takeDueSagas, tracesOf, type DueSaga, type SqlSession } from '@once/saga';
import { mintTraceparent } from '@once/service-kit';
import type { OrderExecutors } from '../persistence/order-executors.js';

/** Sagas of one pass: enough to keep two full batches busy, few enough that fresh orders are not starved by old ones. */
const PASS_MAX = 100;

export interface SagaTimerReport {
  readonly due: number;
}

/** Asks sagas again whose participant has been silent for too long, and gives up those that are too old. */
export class SagaTimer {
  constructor(
    private readonly session: SqlSession,
    private readonly executors: Pick<OrderExecutors, 'saga'>,
    private readonly outbox: Pick<OutboxGauge, 'isFull'>,
  ) {}

  async runOnce(): Promise<SagaTimerReport> {
    // Asking again would only add to what cannot leave; the first question is still among it.
    if (this.outbox.isFull()) return { due: 0 };
    const due = await takeDueSagas(this.session, { limit: PASS_MAX });
    if (due.length === 0) return { due: 0 };
    const traces = await tracesOf(
      this.session,
      due.map(({ saga }) => saga.subjectId),
    );
    await Promise.allSettled(due.map((timer) => this.fire(timer, traces.get(timer.saga.subjectId))));
    return { due: due.length };
  }

  /** In the trace in which the order was placed: asking again is part of its story. */
  private fire({ saga, input }: DueSaga, traceId: string | undefined): Promise<unknown> {
    return this.executors.saga.submit({
      orderId: saga.subjectId,
      sagaId: saga.id,
      input,
      payment: null,
      messageId: null,
      traceparent: mintTraceparent(traceId),
    });
  }
}
