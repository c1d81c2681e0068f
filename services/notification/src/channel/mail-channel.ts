import type { Mail, Template } from '../correspondence/correspondence.js';

export interface OutgoingMail {
  readonly orderId: string;
  readonly template: Template;
  readonly mail: Mail;
}

/**
 * `deferred`: the server has not taken it, and may another time. `unknown`: it may have taken it or not. Both are sent again,
 * under the same Message-ID; only after `unknown` a second copy may arrive.
 */
export type SendResult = 'sent' | 'undeliverable' | 'deferred' | 'unknown';

/**
 * The port to the mail server. Mail has no idempotency, so this sink is declared at least once with a stable Message-ID:
 * a lost answer may lead to a second copy of the same message, never to a second message.
 */
export interface MailChannel {
  send(mail: OutgoingMail): Promise<SendResult>;
}
