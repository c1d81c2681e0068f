import { Pool } from 'undici';
import { signatureOf } from './signature.js';

/** A receiver that has not answered by then counts as silent; Stripe is about as patient. */
const ANSWER_WITHIN_MS = 10_000;

export interface SentWebhook {
  /** Null when there was no answer. */
  readonly status: number | null;
  readonly error: string | null;
}

/** Sends one signed webhook, once. */
export class WebhookSender {
  private readonly receiver: Pool;
  private readonly path: string;

  constructor(
    url: string,
    private readonly secret: string,
    private readonly clock: () => number,
    connections: number,
  ) {
    const { origin, pathname, search } = new URL(url);
    this.path = pathname + search;
    this.receiver = new Pool(origin, {
      connections,
      connectTimeout: ANSWER_WITHIN_MS,
      headersTimeout: ANSWER_WITHIN_MS,
      bodyTimeout: ANSWER_WITHIN_MS,
    });
  }

  send(body: string): Promise<SentWebhook> {
    return this.sendSigned(body, signatureOf(body, this.secret, this.clock()));
  }

  async sendSigned(body: string, signature: string): Promise<SentWebhook> {
    try {
      const response = await this.receiver.request({
        method: 'POST',
        path: this.path,
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'stripe-signature': signature,
          'user-agent': 'Stripe/1.0 (sandbox)',
        },
        body,
      });
      await response.body.dump();
      return { status: response.statusCode, error: null };
    } catch (error) {
      return { status: null, error: error instanceof Error ? error.message || error.name : String(error) };
    }
  }

  async close(): Promise<void> {
    await this.receiver.destroy();
  }
}
