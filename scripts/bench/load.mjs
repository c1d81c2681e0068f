/**
 * Orders, and when each was done: its mail has reached the customer. That is the outside's word, the same for every system,
 * and asking for it costs the measured system nothing.
 */
import { Agent, request } from 'node:http';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 10;
/** An order that takes longer than this counts as lost. */
const LOST_AFTER_MS = 60_000;
const SKUS = ['mug', 'tee', 'print'];
/** A customer whose server is being restarted asks again after that. */
const RETRY_MS = 100;

/** Keys of later loads sort after those of earlier ones, as those of a client with time-ordered keys do. */
let loads = 0;
const orderedKeys = () => {
  const begin = `${Date.now().toString(36)}-${String(loads++).padStart(6, '0')}`;
  return (number) => `${begin}-${String(number).padStart(9, '0')}`;
};
const randomKeys = () => () => randomUUID();

export class Load {
  agent = new Agent({ keepAlive: true, maxSockets: 1024 });
  /** By order: when it was placed. */
  inFlight = new Map();
  /** Mails that came before the answer to the POST. */
  early = new Map();
  done = [];
  failed = [];
  placed = 0;
  /** POSTs without an answer. */
  posting = 0;
  /** What follows an order that was done. */
  onDone = () => undefined;

  /**
   * @param {{ skus?: string[], keys?: 'ordered' | 'random', isPersistent?: boolean }} orders which articles are wanted, in turn;
   *   a persistent customer asks again, with the same key, until an order is taken
   */
  constructor({ orderUrls, outside }, { skus = SKUS, keys = 'ordered', isPersistent = false } = {}) {
    this.urls = orderUrls.map((url) => new URL('/orders', url));
    this.outside = outside;
    this.skus = skus;
    this.keyOf = keys === 'random' ? randomKeys() : orderedKeys();
    this.isPersistent = isPersistent;
  }

  /** Keeps `window` orders in flight for `durationMs`, after `warmUpMs` that do not count. */
  async closed({ window, warmUpMs, durationMs, onStart, onEnd }) {
    const begin = Date.now();
    const until = begin + warmUpMs + durationMs;
    this.onDone = () => Date.now() < until && this.place();
    for (let count = 0; count < window; count += 1) this.place();
    return this.measure({ from: begin + warmUpMs, until, onStart, onEnd });
  }

  /** Places `rate` orders per second, whatever becomes of them. */
  async open({ rate, warmUpMs, durationMs, onStart, onEnd }) {
    const begin = Date.now();
    const until = begin + warmUpMs + durationMs;
    let sent = 0;
    const timer = setInterval(() => {
      const due = Math.floor(((Math.min(Date.now(), until) - begin) * rate) / 1_000);
      for (; sent < due; sent += 1) this.place();
    }, 5);
    const result = await this.measure({ from: begin + warmUpMs, until, onStart, onEnd });
    clearInterval(timer);
    return result;
  }

  /** Orders that were done between the two times, and what `onStart` and `onEnd` read at these times. */
  async measure({ from, until, onStart, onEnd }) {
    await this.pollUntil(() => Date.now() >= from);
    const start = await onStart();
    const startedAt = Date.now();
    await this.pollUntil(() => Date.now() >= until);
    const endedAt = Date.now();
    const end = await onEnd();
    const lostAt = Date.now() + LOST_AFTER_MS;
    await this.pollUntil(() => this.isQuiet() || Date.now() >= lostAt);

    const latencies = this.done.filter(({ at }) => at > startedAt && at <= endedAt).map(({ tookMs }) => tookMs);
    return {
      orders: latencies.length,
      seconds: (endedAt - startedAt) / 1_000,
      latencies: latencies.sort((one, other) => one - other),
      lost: this.inFlight.size,
      failed: this.failed,
      start,
      end,
    };
  }

  isQuiet() {
    return this.inFlight.size === 0 && this.posting === 0;
  }

  place() {
    const number = this.placed++;
    this.posting += 1;
    const startedAt = Date.now();
    this.placeOnce(number, startedAt + LOST_AFTER_MS)
      .then(({ id }) => this.note(id, startedAt))
      .catch((error) => this.failed.push(error.message))
      .finally(() => (this.posting -= 1));
  }

  async placeOnce(number, until) {
    const key = this.keyOf(number);
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.post(number, key, attempt);
      } catch (error) {
        if (!this.isPersistent || Date.now() > until) throw error;
        await sleep(RETRY_MS);
      }
    }
  }

  /** Asks for orders that were taken once more, so many at a time, and counts the stored answers. */
  async repeat({ window, durationMs }) {
    const until = Date.now() + durationMs;
    let asked = 0;
    let replayed = 0;
    const askOn = async () => {
      while (Date.now() < until) {
        const number = asked++ % this.placed;
        const { isReplay } = await this.post(number, this.keyOf(number));
        if (isReplay) replayed += 1;
        else this.failed.push(`the order number ${number} was placed again`);
      }
    };
    await Promise.all(Array.from({ length: window }, askOn));
    return replayed;
  }

  /** Its answer, if that is 202. Replicas are asked in turn, and another one in each attempt. */
  post(number, key, attempt = 0) {
    const url = this.urls[(number + attempt) % this.urls.length];
    const body = JSON.stringify({
      customer: { email: 'bench@example.com' },
      items: [{ sku: this.skus[number % this.skus.length], quantity: 1 }],
      payment: { method: 'pm_card_visa' },
    });
    const headers = {
      authorization: 'Bearer sk_demo',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'idempotency-key': key,
    };
    return new Promise((resolve, reject) => {
      const call = request(url, { method: 'POST', agent: this.agent, headers }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const isReplay = response.headers['idempotent-replayed'] === 'true';
          if (response.statusCode === 202) resolve({ id: JSON.parse(text).id, isReplay });
          else reject(new Error(`${response.statusCode} ${text}`));
        });
        response.on('error', reject);
      });
      call.on('error', reject);
      call.end(body);
    });
  }

  note(id, startedAt) {
    const mailedAt = this.early.get(id);
    if (mailedAt === undefined) this.inFlight.set(id, startedAt);
    else {
      this.early.delete(id);
      this.finish(mailedAt, startedAt);
    }
  }

  finish(at, startedAt) {
    this.done.push({ at, tookMs: at - startedAt });
    this.onDone();
  }

  async pollUntil(isOver) {
    while (!isOver()) {
      for (const { at, orderId, template } of await this.outside.newMails()) {
        if (template !== 'confirmed') this.failed.push(`${orderId} was ${template}`);
        const startedAt = this.inFlight.get(orderId);
        if (startedAt === undefined) this.early.set(orderId, Date.parse(at));
        else {
          this.inFlight.delete(orderId);
          this.finish(Date.parse(at), startedAt);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  close() {
    this.agent.destroy();
  }
}
