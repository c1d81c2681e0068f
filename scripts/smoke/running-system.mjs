/** The few calls that the smoke checks make to a running system, as a customer of one account. */
import { LaunchError } from '../lib/errors.mjs';
import { pollUntil } from '../lib/wait.mjs';

/** The longest any single answer may take: far above what a healthy system needs, far below a hang. */
const ANSWER_WITHIN_MS = 10_000;
const PAGE = 100;

export class RunningSystem {
  constructor({ orderUrl, sandboxUrl, apiKey }) {
    this.orderUrl = orderUrl;
    this.sandboxUrl = sandboxUrl;
    this.headers = { authorization: `Bearer ${apiKey}` };
  }

  placeOrder(key, order) {
    return this.#ask(`${this.orderUrl}/orders`, {
      method: 'POST',
      headers: { ...this.headers, 'idempotency-key': key, 'content-type': 'application/json' },
      body: JSON.stringify(order),
    });
  }

  order(id) {
    return this.#ask(`${this.orderUrl}/orders/${id}`, { headers: this.headers });
  }

  /** The order once it is no longer pending; as it stands when the time is up. */
  async ended(id, { withinMs }) {
    const isOver = async () => {
      const order = await this.order(id);
      return order.status === 'pending' ? undefined : order;
    };
    return (await pollUntil(isOver, { withinMs, everyMs: 200 })) ?? this.order(id);
  }

  /** The orders of the account that are newer than this one (all of them without it), newest first. */
  async ordersSince(newestId) {
    const orders = [];
    for (let cursor = ''; cursor !== null;) {
      const query = new URLSearchParams({ limit: String(PAGE), ...(cursor && { cursor }) });
      const page = await this.#ask(`${this.orderUrl}/orders?${query.toString()}`, { headers: this.headers });
      const known = page.data.findIndex((order) => order.id === newestId);
      orders.push(...(known === -1 ? page.data : page.data.slice(0, known)));
      cursor = known === -1 ? page.nextCursor : null;
    }
    return orders;
  }

  async newestOrderId() {
    const page = await this.#ask(`${this.orderUrl}/orders?limit=1`, { headers: this.headers });
    return page.data[0]?.id;
  }

  ledger() {
    return this.#all('ledger');
  }

  mailbox() {
    return this.#all('mailbox');
  }

  /** Every entry of one of the sandbox's journals, page by page. */
  async #all(journal) {
    const entries = [];
    for (;;) {
      const page = await this.#ask(
        `${this.sandboxUrl}/sandbox/${journal}?after=${entries.at(-1)?.seq ?? 0}&limit=${PAGE}`,
      );
      if (page.length === 0) return entries;
      entries.push(...page);
    }
  }

  async #ask(url, options = {}) {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const response = await fetch(url, { ...options, signal }).catch((error) => {
      throw new LaunchError(`${url} did not answer: ${error.cause?.message ?? error.message}`);
    });
    const body = await response.text();
    if (!response.ok) throw new LaunchError(`${url} answered ${response.status}: ${body}`);
    return JSON.parse(body);
  }
}
