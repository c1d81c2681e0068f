import type { Draw } from '../faults/fault-plan.js';
import type { Faults } from '../faults/faults.js';
import type { Journal } from '../ledger/journal.js';
import type { Sequences } from '../ledger/sequences.js';
import { readMailHeaders } from './mail-headers.js';

/** What becomes of the sender's connection. */
export type MailReply =
  | { readonly kind: 'accept' }
  | { readonly kind: 'reject'; readonly code: 451 | 550 }
  | { readonly kind: 'hold'; readonly ms: number }
  | { readonly kind: 'close' };

/**
 * A mailbox that keeps every message it ever accepted, repeated ones too: whoever sends a mail twice can be seen to.
 *
 * A message is on disk before the sender is told that it was accepted.
 */
export class Mailbox {
  constructor(
    private readonly journal: Journal,
    private readonly sequences: Sequences,
    private readonly faults: Faults,
    private readonly clock: () => number,
  ) {}

  /** Takes a message in. `slow` says how long to wait before the reply. */
  async receive(
    message: Buffer,
    recipients: readonly string[],
  ): Promise<{ readonly reply: MailReply; readonly slowMs: number }> {
    const headers = readMailHeaders(message);
    const orderId = headers.get('x-order-id') ?? null;
    const draw = this.faults.draw('smtp.send', { orderId, paymentMethod: null, email: recipients[0] ?? null });
    const reply = replyUnder(draw);
    const isKept = reply.kind === 'accept' || reply.kind === 'hold';
    await this.journal.append({
      mails: isKept ? [this.mailOf(headers, orderId, recipients)] : [],
      deliveries: [this.attemptOf(draw, reply, orderId, headers.get('message-id') ?? '')],
    });
    return { reply, slowMs: draw.fault === 'slow' ? draw.delayMs : 0 };
  }

  private mailOf(headers: ReadonlyMap<string, string>, orderId: string | null, recipients: readonly string[]) {
    const messageId = headers.get('message-id') ?? null;
    return {
      seq: this.sequences.next('mail'),
      at: new Date(this.clock()).toISOString(),
      order_id: orderId,
      template: headers.get('x-template') ?? null,
      recipient: recipients.join(', '),
      subject: headers.get('subject') ?? '',
      message_id: messageId,
      idempotency_key: headers.get('x-idempotency-key') ?? messageId,
      via: 'smtp',
    } as const;
  }

  private attemptOf(draw: Draw, reply: MailReply, orderId: string | null, reference: string) {
    return {
      seq: this.sequences.next('delivery'),
      at: new Date(this.clock()).toISOString(),
      operation: 'smtp.send',
      order_id: orderId,
      reference,
      status: statusOf(reply),
      error: null,
      fault: draw.fault,
      fault_rule: draw.rule,
      plan: draw.plan,
    } as const;
  }
}

function replyUnder(draw: Draw): MailReply {
  if (draw.fault === 'reject_4xx') return { kind: 'reject', code: 451 };
  if (draw.fault === 'reject_5xx') return { kind: 'reject', code: 550 };
  if (draw.fault === 'accept_then_timeout') return { kind: 'hold', ms: draw.delayMs };
  if (draw.fault === 'down') return { kind: 'close' };
  return { kind: 'accept' };
}

function statusOf(reply: MailReply): number | null {
  if (reply.kind === 'accept') return 250;
  return reply.kind === 'reject' ? reply.code : null;
}
