/**
 * What customers saw, per second of the run and in all. Outcomes have three values: `ok` (2xx), `refused` (a definite no), and
 * `unknown` (no answer, 409, 429 or 5xx), which says nothing about the order.
 */
export class RequestStatistics {
  totals = { requests: 0, ok: 0, refused: 0, unknown: 0, replays: 0, conflicts: 0, waited: 0 };
  /** Requests for orders as customers sent them, repeats included. */
  orderRequests = 0;
  /** One entry per second since the start. */
  seconds = [];
  #startedAt;
  #firstAnswers = new Map();

  /** @param {number} startedAt of the run, in milliseconds since 1970 */
  constructor(startedAt) {
    this.#startedAt = startedAt;
  }

  add(request) {
    const outcome = outcomeOf(request);
    const sentAt = Date.parse(request.sent_at);
    const endedAt = Date.parse(request.ended_at);
    this.totals.requests += 1;
    this.totals[outcome] += 1;
    if (request.method === 'POST' && request.path === '/orders') this.orderRequests += 1;
    if (request.status === 409) this.totals.conflicts += 1;
    if (request.is_replay) this.#countReplay(request, sentAt);
    else if (request.key && outcome === 'ok') this.#firstAnswers.set(request.key, endedAt);

    const second = this.#secondAt(endedAt);
    second[outcome] += 1;
    if (request.method === 'POST' && outcome === 'ok' && request.path === '/orders' && !request.is_replay) {
      second.accepted += 1;
    }
    if (outcome !== 'unknown') second.latencies.push(endedAt - sentAt);
  }

  /** A twin that was sent before the first answer came, and got that answer, has waited for it. */
  #countReplay({ key }, sentAt) {
    this.totals.replays += 1;
    if (sentAt < (this.#firstAnswers.get(key) ?? 0)) this.totals.waited += 1;
  }

  #secondAt(time) {
    const index = Math.max(0, Math.floor((time - this.#startedAt) / 1_000));
    while (this.seconds.length <= index) {
      this.seconds.push({ ok: 0, refused: 0, unknown: 0, accepted: 0, latencies: [] });
    }
    return this.seconds[index];
  }
}

export const outcomeOf = ({ status }) => {
  if (status === null || status === 409 || status === 429 || status >= 500) return 'unknown';
  return status < 400 ? 'ok' : 'refused';
};

/** The value that this share of the numbers does not exceed; null of none. */
export const quantile = (numbers, share) => {
  if (numbers.length === 0) return null;
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
};
