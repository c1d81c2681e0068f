import { randomUUID } from 'node:crypto';
import type { SpawnedSystem } from '@once/testing';
import supertest from 'supertest';

export interface OrderBody {
  readonly id: string;
  readonly status: string;
  readonly reason?: string;
  readonly amount: number;
  readonly items: readonly { readonly sku: string; readonly quantity: number }[];
  readonly payment: {
    readonly status: string;
    readonly capturedAmount: number;
    readonly refundedAmount: number;
  } | null;
  readonly cancelRequestedAt?: string;
}

export interface LedgerRow {
  readonly kind: 'authorise' | 'capture' | 'void' | 'refund';
  readonly orderId: string;
  readonly amount: number;
}

export interface MailRow {
  readonly orderId: string;
  readonly template: string;
  readonly messageId: string;
  readonly to: string;
}

/** The system as its customers and the judge see it: over HTTP only. */
export class OrderApi {
  constructor(private readonly system: SpawnedSystem) {}

  request() {
    return supertest(this.system.order.url);
  }

  place(wish: { sku?: string; quantity?: number; method?: string; key?: string; apiKey?: string } = {}) {
    const { sku = 'mug', quantity = 1, method = 'pm_card_visa', key = randomUUID(), apiKey = 'sk_demo' } = wish;
    return this.request()
      .post('/orders')
      .set('Authorization', `Bearer ${apiKey}`)
      .set('Idempotency-Key', key)
      .send({ customer: { email: 'ada@example.com' }, items: [{ sku, quantity }], payment: { method } });
  }

  async read(id: string): Promise<OrderBody> {
    const response = await this.get(`/orders/${id}`);
    if (response.status !== 200) throw new Error(`GET /orders/${id} answered ${response.status}`);
    return response.body as OrderBody;
  }

  get(path: string, apiKey = 'sk_demo') {
    return this.request().get(path).set('Authorization', `Bearer ${apiKey}`);
  }

  async ledgerOf(orderId: string): Promise<readonly LedgerRow[]> {
    return (await supertest(this.system.sandbox.url).get(`/sandbox/ledger?order_id=${orderId}`)).body as LedgerRow[];
  }

  async mailsTo(orderId: string): Promise<readonly MailRow[]> {
    return (await supertest(this.system.sandbox.url).get(`/sandbox/mailbox?order_id=${orderId}`)).body as MailRow[];
  }

  async callsFor(orderId: string): Promise<readonly { readonly operation: string; readonly fault: string | null }[]> {
    return (await supertest(this.system.sandbox.url).get(`/sandbox/calls?order_id=${orderId}`)).body as {
      operation: string;
      fault: string | null;
    }[];
  }
}
