import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import Stripe from 'stripe';
import { portOf } from '../../src/http/port-of.js';

export interface ReceivedWebhook {
  readonly body: string;
  readonly signature: string;
  readonly at: number;
}

/** Where the sandbox's webhooks go in a test. Answers 200 unless told otherwise. */
export class WebhookReceiver {
  readonly received: ReceivedWebhook[] = [];
  /** Decides the status of each answer. */
  respond: (webhook: ReceivedWebhook) => number = () => 200;

  private port = 0;

  private constructor(
    private readonly server: Server,
    readonly secret: string,
  ) {}

  static async open(secret: string): Promise<WebhookReceiver> {
    const server = createServer();
    const receiver = new WebhookReceiver(server, secret);
    server.on('request', (request, response) => {
      void text(request).then((body) => {
        const webhook = { body, signature: String(request.headers['stripe-signature']), at: performance.now() };
        receiver.received.push(webhook);
        response.writeHead(receiver.respond(webhook)).end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${portOf(this.server)}/webhooks/stripe`;
  }

  /** Stops listening, as a receiver does that is being deployed. */
  async leave(): Promise<void> {
    this.port = portOf(this.server);
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** Listens again, at the same address. */
  async comeBack(): Promise<void> {
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  /** Events about an order whose signature the unmodified SDK accepts, in order of arrival. */
  genuine(orderId: string): Stripe.Event[] {
    return this.received.flatMap((webhook) => this.verify(webhook)).filter((event) => orderIdOf(event) === orderId);
  }

  /** Webhooks about an order that the SDK refuses. */
  forged(orderId: string): ReceivedWebhook[] {
    return this.received
      .filter(({ body }) => body.includes(orderId))
      .filter((webhook) => this.verify(webhook).length === 0);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private verify({ body, signature }: ReceivedWebhook): Stripe.Event[] {
    try {
      return [Stripe.webhooks.constructEvent(body, signature, this.secret)];
    } catch (error) {
      if (error instanceof Stripe.errors.StripeSignatureVerificationError) return [];
      throw error;
    }
  }
}

function orderIdOf(event: Stripe.Event): string | undefined {
  const { metadata } = event.data.object as { metadata?: Record<string, string> };
  return metadata?.['order_id'];
}
