import { traceOf } from '@once/service-kit';
import { createTransport, type Transporter } from 'nodemailer';
import { encode, wrap } from 'nodemailer/lib/qp';
import type { MailChannel, OutgoingMail, SendResult } from './mail-channel.js';
import { mailText } from './mail-text.js';

export interface SmtpOptions {
  readonly url: string;
  readonly timeoutMs: number;
  /** Connections that are kept open; each carries one mail at a time. */
  readonly connectionsMax: number;
}

/**
 * Sends over SMTP. A 5xx answer to the recipient or to the message is the server's last word on it; everything else passes,
 * or may have been accepted.
 *
 * Connections are kept: greeting a server for every mail costs several times what the mail does. The pool would send again
 * by itself what was under way when a connection broke, which is not its decision: `maxRequeues` forbids it.
 */
export class SmtpChannel implements MailChannel {
  private readonly transport: Transporter;

  constructor({ url, timeoutMs, connectionsMax }: SmtpOptions) {
    this.transport = createTransport({
      url,
      pool: true,
      maxConnections: connectionsMax,
      maxMessages: Infinity,
      maxRequeues: 0,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
    });
  }

  close(): void {
    this.transport.close();
  }

  async send(outgoing: OutgoingMail): Promise<SendResult> {
    const { orderId, template, mail } = outgoing;
    const { subject, text, html } = mailText(outgoing);
    try {
      await this.transport.sendMail({
        from: 'Once <orders@once.example>',
        to: mail.to,
        messageId: `<${orderId}.${template}@once.example>`,
        headers: {
          'X-Order-Id': orderId,
          'X-Template': template,
          ...traceOf(mail),
        },
        subject,
        text: bodyPart('text/plain', text),
        html: bodyPart('text/html', html),
      });
      return 'sent';
    } catch (error) {
      return resultOf(error);
    }
  }
}

/**
 * A part of the mail in the form in which it travels, with lines of at most 76 characters. Left to the library, each part runs
 * through a pipeline of streams of its own, as it would have to for files; for these few lines that is a third of the work.
 */
function bodyPart(type: 'text/plain' | 'text/html', content: string): { readonly raw: string } {
  const encoded = wrap(encode(content.replaceAll('\n', '\r\n')));
  return {
    raw: `Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${encoded}`,
  };
}

/** Without an answer of the server the connection broke at some moment, which may be after it took the mail. */
function resultOf(error: unknown): SendResult {
  if (isFinalRefusal(error)) return 'undeliverable';
  return isRefusal(error) || wasNeverConnected(error) ? 'deferred' : 'unknown';
}

/** Where the server judges this mail. A refused login or sender is about us: settling mails on it would lose all of them. */
const JUDGING_COMMANDS: ReadonlySet<unknown> = new Set(['RCPT TO', 'DATA']);

function isFinalRefusal(error: unknown): boolean {
  return isRefusal(error) && JUDGING_COMMANDS.has(error.command) && error.responseCode >= 500;
}

/** The server's goodbye (421) may come at any moment, and then answers nothing. */
const GOODBYE = 421;

function isRefusal(error: unknown): error is Error & { readonly responseCode: number; readonly command?: unknown } {
  if (!(error instanceof Error) || !('responseCode' in error)) return false;
  return typeof error.responseCode === 'number' && error.responseCode !== GOODBYE;
}

function wasNeverConnected(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'connect';
}
