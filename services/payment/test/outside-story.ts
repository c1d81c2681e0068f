import { randomUUID } from 'node:crypto';
import type { SpawnedSystem } from '@once/testing';
import type { Stripe } from 'stripe';
import { expect } from 'vitest';

export interface OrderBody {
  readonly id: string;
  readonly status: string;
  readonly reason?: string;
  readonly payment: { readonly status: string; readonly refundedAmount: number } | null;
}

/** A customer and the world outside, over HTTP only. */
export class OutsideStory {
  constructor(private readonly system: SpawnedSystem) {}

  async place(): Promise<string> {
    const order = await this.ask<OrderBody>(this.system.order.url, 'POST', '/orders', 'sk_demo', {
      customer: { email: 'ada@example.com' },
      items: [{ sku: 'mug', quantity: 1 }],
      payment: { method: 'pm_card_visa' },
    });
    return order.id;
  }

  order(id: string): Promise<OrderBody> {
    return this.ask(this.system.order.url, 'GET', `/orders/${id}`, 'sk_demo');
  }

  async timeline(id: string): Promise<readonly string[]> {
    const { data } = await this.ask<{ data: { event: string; step: string; outcome: string | null }[] }>(
      this.system.order.url,
      'GET',
      `/orders/${id}/timeline`,
      'sk_demo',
    );
    return data.filter(({ event }) => event === 'replied').map(({ step, outcome }) => `${step} ${outcome}`);
  }

  async ledger(id: string): Promise<readonly { kind: string; paymentIntent: string }[]> {
    return this.ask(this.system.sandbox.url, 'GET', `/sandbox/ledger?order_id=${id}`);
  }

  faults(...rules: readonly object[]): Promise<object> {
    return this.ask(this.system.sandbox.url, 'PUT', '/sandbox/faults', undefined, { seed: 1, rules });
  }

  settings(settings: object): Promise<object> {
    return this.ask(this.system.sandbox.url, 'PUT', '/sandbox/settings', undefined, settings);
  }

  reconcile<Report>(): Promise<Report> {
    return this.ask(this.system.payment.url, 'POST', '/operator/reconciliation', 'op_demo', {});
  }

  private async ask<Body>(url: string, method: string, path: string, key?: string, body?: object): Promise<Body> {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}`, 'idempotency-key': randomUUID() }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    expect(response.ok, `${method} ${path} answered ${response.status}: ${text}`).toBe(true);
    return JSON.parse(text) as Body;
  }
}

/** Money that is authorised at the provider, and that no order of ours stands for. */
export function authoriseForNoOrder(stripe: Stripe, amount: number): Promise<Stripe.PaymentIntent> {
  return stripe.paymentIntents.create({
    amount,
    currency: 'eur',
    payment_method: 'pm_card_visa',
    capture_method: 'manual',
    confirm: true,
    metadata: { order_id: randomUUID() },
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  });
}
