import { UnjudgeableError } from '../unjudgeable.mjs';

/** Rows of one page: a megabyte or two. */
const PAGE = 5_000;

/** Far above what a page takes, far below a hang. */
const ANSWER_WITHIN_MS = 30_000;

/** The journals of the world outside, and the fields of each as the scratch table has them. */
const JOURNALS = [
  {
    journal: 'ledger',
    table: 'ledger',
    rowOf: ({ seq, at, kind, orderId, paymentIntent, amount, currency, idempotencyKey }) => ({
      seq, at, kind, order_id: orderId, payment_intent: paymentIntent, amount, currency, idempotency_key: idempotencyKey,
    }), // prettier-ignore
  },
  {
    journal: 'calls',
    table: 'provider_call',
    rowOf: ({ seq, at, operation, orderId, paymentIntent, idempotencyKey, fingerprint, status, applied, fault }) => ({
      seq, at, operation, order_id: orderId, payment_intent: paymentIntent, idempotency_key: idempotencyKey,
      fingerprint, status, applied, fault,
    }), // prettier-ignore
  },
  {
    journal: 'mailbox',
    table: 'mail',
    rowOf: ({ seq, at, orderId, template, to, messageId }) => ({
      seq, at, order_id: orderId, template, recipient: to, message_id: messageId,
    }), // prettier-ignore
  },
  {
    journal: 'deliveries',
    table: 'webhook_attempt',
    isWanted: ({ operation }) => operation === 'webhooks.deliver',
    rowOf: ({ seq, at, orderId, reference, status, fault }) => ({
      seq,
      at,
      order_id: orderId,
      reference,
      status,
      fault,
    }),
  },
];

/** The world outside, whose journals the audit believes before anything that we wrote ourselves. */
export class Sandbox {
  #url;

  constructor(url) {
    this.#url = url;
  }

  async copyInto(scratch) {
    for (const { journal, table, rowOf, isWanted = () => true } of JOURNALS) {
      for await (const page of this.#pages(journal)) await scratch.fill(table, page.filter(isWanted).map(rowOf));
    }
    const { rules } = await this.#read('/sandbox/faults');
    await scratch.fill('fault_rule', rules);
  }

  /** The last row of the ledger and of the mailbox; `since` is what the last look found. */
  async pulse(since = { ledger: 0, mailbox: 0 }) {
    const marks = { ...since };
    for (const journal of ['ledger', 'mailbox']) {
      for await (const page of this.#pages(journal, since[journal])) marks[journal] = page.at(-1).seq;
    }
    return { open: {}, marks };
  }

  async *#pages(journal, after = 0) {
    for (let last = after; ;) {
      const page = await this.#read(`/sandbox/${journal}?after=${last}&limit=${PAGE}`);
      if (page.length > 0) yield page;
      if (page.length < PAGE) return;
      last = page.at(-1).seq;
    }
  }

  async #read(path) {
    const url = this.#url + path;
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
      if (!response.ok) throw new Error(`it answers ${response.status}`);
      return await response.json();
    } catch (error) {
      const reason = error.cause?.message ?? error.message;
      throw new UnjudgeableError(`The sandbox at ${url} cannot be read: ${reason}.`, { cause: error });
    }
  }
}
