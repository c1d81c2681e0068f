import type { Mail, Template } from '../correspondence/correspondence.js';

export interface OutgoingMail {
  readonly orderId: string;
  readonly template: Template;
  readonly mail: Mail;
}

/** `unknown`: the server may or may not have taken it; it is sent again, under the same Message-ID. */
export type SendResult = 'sent' | 'undeliverable' | 'unknown';

/**
 * The port to the mail server. Mail has no idempotency, so this sink is declared at least once with a stable Message-ID:
 * a lost answer may lead to a second copy of the same message, never to a second message.
 */
export interface MailChannel {
  send(mail: OutgoingMail): Promise<SendResult>;
}
