import type { PaymentSnapshot } from '@once/contracts';
import type { Decision } from '@once/idempotency';
import type { SagaCatalogue, SagaInput, SagaInstance } from '@once/saga';
import { withPayment, type Order } from '../order/order.js';
import type { OrderChange } from '../persistence/order-change.js';
import { draftCommand } from './saga-commands.js';
import { applyEffects } from './saga-effects.js';

/** Something that happened to a saga: a participant replied, a timer fired. */
export interface SagaHappening {
  readonly orderId: string;
  readonly sagaId: string;
  readonly input: SagaInput;
  /** What the payment service told along with its reply. */
  readonly payment: PaymentSnapshot | null;
  /** The message that brought it. */
  readonly messageId: string | null;
}

export interface SagaState {
  readonly order: Order | null;
  readonly saga: SagaInstance | null;
}

export type SagaAnswer =
  | { readonly kind: 'moved' }
  /** It answers nothing that is awaited, or it is a repeat: nothing changes but the timeline. */
  | { readonly kind: 'ignored' }
  /** No such saga of this order. */
  | { readonly kind: 'unknown' };

/** The decision for one happening: pure, and conditional on the version of the saga it was made on. */
export function decideSaga(
  { order, saga }: SagaState,
  happening: SagaHappening,
  catalogue: SagaCatalogue,
): Decision<OrderChange, SagaAnswer> {
  if (order === null || saga === null) return { kind: 'answer', answer: { kind: 'unknown' } };
  const moved = catalogue.transition(saga, happening.input);
  if (moved.kind === 'ignored') return { kind: 'answer', answer: { kind: 'ignored' } };
  const { order: next, movements } = applyEffects(order, moved.effects, moved.next);
  const changed = withPayment(next, happening.payment);
  const change: OrderChange = {
    placed: null,
    // A late reply moves no saga that the order follows by now, so the saga's version would not keep two writers apart:
    // the refund may be changing the order at this moment, on another replica.
    changed: moved.kind === 'late' ? null : changed,
    moved,
    started: null,
    movements,
    records: [],
    commands: moved.command === null ? [] : [draftCommand(changed, moved.command)],
    causationId: happening.messageId,
  };
  return { kind: 'change', change, answer: { kind: moved.kind === 'moved' ? 'moved' : 'ignored' } };
}
