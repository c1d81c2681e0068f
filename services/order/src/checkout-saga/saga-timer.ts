import { takeDueSagas, type SqlSession } from '@once/saga';
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
  ) {}

  async runOnce(): Promise<SagaTimerReport> {
    const due = await takeDueSagas(this.session, { limit: PASS_MAX });
    await Promise.allSettled(
      due.map(({ saga, input }) =>
        this.executors.saga.submit({
          orderId: saga.subjectId,
          sagaId: saga.id,
          input,
          payment: null,
          messageId: null,
        }),
      ),
    );
    return { due: due.length };
  }
}
