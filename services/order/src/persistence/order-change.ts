import type { NewRecord } from '@once/idempotency';
import type { Traced } from '@once/service-kit';
import type { Transition } from '@once/saga';
import type { CommandDraft } from '../checkout-saga/saga-commands.js';
import type { Order } from '../order/order.js';
import type { StockMovement } from '../stock/stock.js';

/** Everything that one decision of the order service commits, wholly or not at all. */
export interface OrderChange extends Traced {
  /** A new order, with the key under which it was placed. */
  readonly placed: { readonly order: Order; readonly idempotencyKey: string } | null;
  /** The next state of a stored order; guarded by the saga that moves with it. */
  readonly changed: Order | null;
  /** The transition of a stored saga, conditional on its version. */
  readonly moved: Transition | null;
  /** The first transition of a new saga. */
  readonly started: Transition | null;
  readonly movements: readonly StockMovement[];
  readonly records: readonly NewRecord[];
  readonly commands: readonly CommandDraft[];
  /** The message that led to this change. */
  readonly causationId: string | null;
}
