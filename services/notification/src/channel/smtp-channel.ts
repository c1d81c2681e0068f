import { createTransport, type Transporter } from 'nodemailer';
import type { MailChannel, OutgoingMail, SendResult } from './mail-channel.js';
import { mailText } from './mail-text.js';

export interface SmtpOptions {
  readonly url: string;
  readonly timeoutMs: number;
}

/** Sends over SMTP. A 5xx answer of the server is its last word; everything else may have been accepted. */
export class SmtpChannel implements MailChannel {
  private readonly transport: Transporter;

  constructor({ url, timeoutMs }: SmtpOptions) {
    this.transport = createTransport(url, undefined);
    Object.assign(this.transport.options, {
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
    });
  }

  async send(outgoing: OutgoingMail): Promise<SendResult> {
    const { orderId, template, mail } = outgoing;
    try {
      await this.transport.sendMail({
        from: 'Once <orders@once.example>',
        to: mail.to,
        messageId: `<${orderId}.${template}@once.example>`,
        headers: { 'X-Order-Id': orderId, 'X-Template': template },
        ...mailText(outgoing),
      });
      return 'sent';
    } catch (error) {
      return isFinalRefusal(error) ? 'undeliverable' : 'unknown';
    }
  }
}

function isFinalRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || !('responseCode' in error)) return false;
  return typeof error.responseCode === 'number' && error.responseCode >= 500;
}
