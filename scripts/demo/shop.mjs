/** What the story does as a customer, and what it reads of the world outside. */
import { setTimeout as pause } from 'node:timers/promises';
import { pollUntil } from '../lib/wait.mjs';

const ANSWER_WITHIN_MS = 5_000;
const ASK_WITHIN_MS = 60_000;
const HEADERS = { authorization: 'Bearer sk_demo' };

export class Shop {
  #urls;
  #sandboxUrl;
  #turn = 0;

  constructor({ customerUrls, sandboxUrl }) {
    this.#urls = customerUrls;
    this.#sandboxUrl = sandboxUrl;
  }

  async place(key, item) {
    const response = await fetch(`${this.#nextUrl()}/orders`, {
      method: 'POST',
      headers: { ...HEADERS, 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({
        customer: { email: 'ada@example.com' },
        items: [item],
        payment: { method: 'pm_card_visa' },
      }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const text = await response.text();
    const isReplay = response.headers.get('idempotent-replayed') === 'true';
    return { status: response.status, text, isReplay, order: JSON.parse(text) };
  }

  /** Under the same key, until an answer says what became of it. */
  async placeUntilDefinite(key, item) {
    const deadline = performance.now() + ASK_WITHIN_MS;
    for (;;) {
      const answer = await this.place(key, item).catch((error) => ({ status: 0, text: error.message }));
      const isDefinite = answer.status >= 200 && answer.status < 500 && answer.status !== 409;
      if (isDefinite || performance.now() > deadline) return answer;
      await pause(200);
    }
  }

  /** The order when it is no longer pending; as it stands when the time is up. */
  async ended(id, withinMs) {
    let order;
    await pollUntil(
      async () => {
        order = await this.#read(`${this.#nextUrl()}/orders/${id}`).catch(() => order);
        return order !== undefined && order.status !== 'pending';
      },
      { withinMs, everyMs: 100 },
    );
    return order;
  }

  async timeline(id) {
    return (await this.#read(`${this.#nextUrl()}/orders/${id}/timeline`)).data;
  }

  ledger(orderId) {
    return this.#read(`${this.#sandboxUrl}/sandbox/ledger${orderId ? `?order_id=${orderId}` : ''}`);
  }

  calls(orderId) {
    return this.#read(`${this.#sandboxUrl}/sandbox/calls?order_id=${orderId}`);
  }

  async setFaults(rules) {
    await fetch(`${this.#sandboxUrl}/sandbox/faults`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ seed: 1, rules }),
    });
  }

  async #read(url) {
    const response = await fetch(url, { headers: HEADERS, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return response.json();
  }

  #nextUrl() {
    this.#turn += 1;
    return this.#urls[this.#turn % this.#urls.length];
  }
}
