/**
 * What the servers counted, summed over processes that die and begin again at zero: each is asked every second, and a counter
 * that has gone down has been born again. What a process counted between the last look and its end is missing, so the sums are
 * never too high.
 */
const LOOK_EVERY_MS = 1_000;
const ANSWER_WITHIN_MS = 3_000;

export class ServerCounts {
  /** `name{label="value"}` → count */
  #sums = new Map();
  #last = new Map();
  #targets;
  #timer;
  #isLooking = false;

  /** @param {{ label: string, url: string }[]} replicas */
  constructor(replicas) {
    this.#targets = replicas;
  }

  start() {
    this.#timer = setInterval(() => {
      if (!this.#isLooking) void this.look();
    }, LOOK_EVERY_MS);
  }

  async stop() {
    clearInterval(this.#timer);
    await this.look();
  }

  async look() {
    this.#isLooking = true;
    await Promise.all(this.#targets.map((target) => this.#lookAt(target)));
    this.#isLooking = false;
  }

  /** The sum of every series of this name whose labels match. */
  total(name, matches = () => true) {
    let total = 0;
    for (const [series, count] of this.#sums) {
      const [, seriesName, labels = ''] = /^([^{]+)(?:\{(.*)\})?$/.exec(series);
      if (seriesName === name && matches(labels)) total += count;
    }
    return total;
  }

  async #lookAt({ label, url }) {
    const text = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) }).then(
      (response) => response.text(),
      () => '',
    );
    for (const line of text.split('\n')) {
      const [, series, value] = /^((?:once_|http_request_duration_seconds_count)\S*) (\d+(?:\.\d+)?)$/.exec(line) ?? [];
      if (series === undefined) continue;
      const key = `${label} ${series}`;
      const before = this.#last.get(key) ?? 0;
      const grown = Number(value) >= before ? Number(value) - before : Number(value);
      this.#last.set(key, Number(value));
      this.#sums.set(series, (this.#sums.get(series) ?? 0) + grown);
    }
  }
}
