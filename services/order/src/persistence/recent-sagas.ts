import { RecentRows } from '@once/idempotency';
import type { SagaState } from '../checkout-saga/saga-work.js';
import type { OrderChange } from './order-change.js';

/**
 * Sagas, each with its order, as this process last committed them: most likely what the next reply is about, since the few
 * steps of an order follow each other within a second.
 *
 * A decision made on one that another replica has moved since matches no row. While a saga is open its order changes only
 * together with it, so the saga's version stands for both; a late reply to a closed one changes no order.
 */
export class RecentSagas {
  private readonly rows = new RecentRows<SagaState>(RECENT_MAX);

  recall(sagaId: string): SagaState | undefined {
    return this.rows.recall(sagaId);
  }

  remember({ placed, changed, moved, started }: OrderChange): void {
    const order = placed?.order ?? changed;
    if (order === null) return;
    for (const saga of [moved?.next, started?.next]) {
      if (saga !== undefined) this.rows.remember(saga.id, { order, saga });
    }
  }
}

/** About a kilobyte each; at a hundred orders per second, those of the last half minute. */
const RECENT_MAX = 4_000;
