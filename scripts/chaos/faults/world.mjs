/**
 * The faults in force in the world outside. It knows only one list of rules, so those of several lanes are put together here.
 * Below whatever is in force just now there is an undertone: any of the run's faults may strike at any time, seldom. So each is
 * met in every situation, also while something else is broken.
 */
const UNDERTONE = 0.06;
const UNDERTONE_MIN = 0.02;

const ANSWER_WITHIN_MS = 10_000;

export class World {
  #sandboxUrl;
  #seed;
  #rules = new Set();
  #undertone = [];

  constructor(sandboxUrl, seed) {
    this.#sandboxUrl = sandboxUrl;
    this.#seed = seed;
  }

  /** Resolves when the rule is in force, with what takes it back. */
  async add(rule) {
    this.#rules.add(rule);
    await this.#put();
    return async () => {
      this.#rules.delete(rule);
      await this.#put();
    };
  }

  /** From now on these may strike, with a small chance. */
  async begin(rules) {
    this.#undertone = rules.map((rule) => ({
      ...rule,
      probability: Math.max(UNDERTONE_MIN, rule.probability * UNDERTONE),
    }));
    await this.#put();
  }

  async heal() {
    this.#rules.clear();
    this.#undertone = [];
    await this.#put();
  }

  async #put() {
    const response = await fetch(`${this.#sandboxUrl}/sandbox/faults`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ seed: this.#seed, rules: [...this.#rules, ...this.#undertone] }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    if (!response.ok) throw new Error(`PUT /sandbox/faults answered ${response.status}: ${await response.text()}`);
  }
}
