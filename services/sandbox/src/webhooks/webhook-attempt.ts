import type { Draw } from '../faults/fault-plan.js';
import type { DeliveryRow, EventRow } from '../ledger/journal-entry.js';
import type { Journal } from '../ledger/journal.js';
import type { Sequences } from '../ledger/sequences.js';
import { forge } from './forgery.js';
import type { SentWebhook, WebhookSender } from './webhook-sender.js';

export type PendingEvent = Pick<EventRow, 'id' | 'order_id' | 'type' | 'document'>;

/**
 * - `received`: nothing more has to be sent.
 * - `dropped`: nothing was sent, and nothing will be.
 * - `refused`: the receiver answered, and wants it again.
 * - `silent`: nobody answered.
 * - `faulted`: we were made not to send it this time.
 */
export type AttemptResult = 'received' | 'dropped' | 'refused' | 'silent' | 'faulted';

export interface Attempted {
  readonly result: AttemptResult;
  /** Resolves when its rows are on disk. */
  readonly recorded: Promise<void>;
}

const NOT_SENT: SentWebhook = { status: null, error: null };

/** One attempt to deliver one event, under a fault or none, and its rows. */
export class WebhookAttempt {
  constructor(
    private readonly journal: Journal,
    private readonly sequences: Sequences,
    private readonly sender: WebhookSender,
    private readonly secret: string,
    private readonly clock: () => number,
  ) {}

  async run(event: PendingEvent, draw: Draw): Promise<Attempted> {
    if (draw.fault === 'drop') return this.write(event, [this.row(event, draw, NOT_SENT)], 'dropped');
    if (draw.fault === 'down') return this.write(event, [this.row(event, draw, NOT_SENT)], 'faulted');

    const forgeries = draw.fault === 'forge' ? [this.row(event, draw, await this.sendForgery(event, draw))] : [];
    const sent = await this.send(event, draw.fault === 'duplicate' ? 2 : 1);
    const honest: Draw = draw.fault === 'forge' ? { ...draw, fault: null, rule: null } : draw;
    return this.write(event, [...forgeries, ...sent.map((copy) => this.row(event, honest, copy))], resultOf(sent));
  }

  private send(event: PendingEvent, copies: number): Promise<SentWebhook[]> {
    const body = JSON.stringify(event.document);
    return Promise.all(Array.from({ length: copies }, () => this.sender.send(body)));
  }

  private sendForgery(event: PendingEvent, { nth }: Draw): Promise<SentWebhook> {
    const { body, signature } = forge(event, this.secret, this.clock(), nth);
    return this.sender.sendSigned(body, signature);
  }

  private write(event: PendingEvent, deliveries: DeliveryRow[], result: AttemptResult): Attempted {
    const settledEvents = result === 'received' || result === 'dropped' ? [event.id] : [];
    return { result, recorded: this.journal.append({ deliveries, settledEvents }) };
  }

  private row(event: PendingEvent, draw: Draw, { status, error }: SentWebhook): DeliveryRow {
    return {
      seq: this.sequences.next('delivery'),
      at: new Date(this.clock()).toISOString(),
      operation: 'webhooks.deliver',
      order_id: event.order_id,
      reference: event.id,
      status,
      error,
      fault: draw.fault,
      fault_rule: draw.rule,
      plan: draw.plan,
    };
  }
}

function resultOf(sent: readonly SentWebhook[]): AttemptResult {
  if (sent.some(({ status }) => status !== null && status >= 200 && status < 300)) return 'received';
  return sent.every(({ status }) => status === null) ? 'silent' : 'refused';
}
