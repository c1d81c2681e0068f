import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { RequestAnswer } from '../src/index.js';

/** What is known of a key that was used. */
interface Known {
  readonly amount: number;
  readonly body: string;
  isExpired: boolean;
}

/** What must be true, told without a database. */
export class Model {
  readonly keys = new Map<string, Known>();
  /** How often each key was executed: once in each of its lives, which end when it is reaped. */
  readonly executions = new Map<string, number>();

  executed(key: string, amount: number, body: string): void {
    this.keys.set(key, { amount, body, isExpired: false });
    this.executions.set(key, (this.executions.get(key) ?? 0) + 1);
  }
}

/** Replicas on one database, and the means to age, reap, restart and crash them. */
export interface System {
  submit(replica: number, key: string, amount: number): Promise<RequestAnswer>;
  /**
   * A replica that comes to its end while its commit is at work, and which nobody restarts. `ended`: the server ends its
   * sessions; `deserted`: the process is gone, and what the server was told to do is done all the same. Says what its
   * caller got to see.
   */
  submitAndCrash(key: string, amount: number, how: Crash): Promise<RequestAnswer | null>;
  /** The body of the answer that is stored under a key. */
  bodyOf(key: string): Promise<string | null>;
  depositsOf(key: string): Promise<number>;
  age(hours: number): Promise<void>;
  reap(): Promise<void>;
  restart(): Promise<void>;
}

export type Crash = 'ended' | 'deserted';
export type Command = fc.AsyncCommand<Model, System>;

const bodyIn = (answer: RequestAnswer): string => (answer.kind === 'response' ? answer.response.body : answer.kind);

/** One arrival after all others: what it must be answered follows from what is known. */
function expectAnswer(model: Model, key: string, amount: number, answer: RequestAnswer): void {
  const known = model.keys.get(key);
  if (known === undefined) {
    expect(answer).toMatchObject({ kind: 'response', isReplay: false });
    model.executed(key, amount, bodyIn(answer));
  } else if (known.isExpired) {
    expect(answer.kind).toBe('purged');
  } else if (known.amount === amount) {
    expect(answer).toMatchObject({ kind: 'response', isReplay: true, response: { body: known.body } });
  } else {
    expect(answer).toEqual({ kind: 'mismatched', isFinished: true });
  }
}

const command = (name: string, run: (model: Model, system: System) => Promise<void>): Command => ({
  check: () => true,
  run: async (model, system) => {
    await run(model, system);
    for (const [key, executions] of model.executions) expect(await system.depositsOf(key), key).toBe(executions);
  },
  toString: () => name,
});

/** A first request, a retry, or another body under a used key, as the history has it. */
const ask = (replica: number, key: string, amount: number): Command =>
  command(`ask replica ${replica} for ${amount} under ${key}`, async (model, system) => {
    expectAnswer(model, key, amount, await system.submit(replica, key, amount));
  });

/** Arrivals at the same time at both replicas, perhaps with other bodies: somebody is first, and the rest follow from that. */
const askTogether = (key: string, amounts: readonly number[]): Command =>
  command(`ask both replicas for ${amounts.join(' and ')} under ${key}`, async (model, system) => {
    const answers = await Promise.all(amounts.map((amount, index) => system.submit(index % 2, key, amount)));
    const isFirst = (answer: RequestAnswer): boolean => answer.kind === 'response' && !answer.isReplay;
    const arrivals = answers.map((answer, index) => ({ answer, amount: amounts[index] ?? 0 }));
    const inOrder = arrivals.toSorted((left, right) => Number(isFirst(right.answer)) - Number(isFirst(left.answer)));
    for (const arrival of inOrder) expectAnswer(model, key, arrival.amount, arrival.answer);
  });

/** The caller may see anything; what it saw and what is stored are the same. */
const crash = (key: string, amount: number, how: Crash): Command =>
  command(`crash, ${how}, with ${amount} under ${key}`, async (model, system) => {
    const seen = await system.submitAndCrash(key, amount, how);
    const stored = await system.bodyOf(key);
    if (!model.keys.has(key) && stored !== null) model.executed(key, amount, stored);
    else if (seen !== null) expectAnswer(model, key, amount, seen);
    expect(stored).toBe(model.keys.get(key)?.body ?? null);
  });

const age = command('a day passes', async (model, system) => {
  await system.age(25);
  for (const known of model.keys.values()) known.isExpired = true;
});

const reap = command('reap', async (model, system) => {
  await system.reap();
  for (const [key, known] of model.keys) if (known.isExpired) model.keys.delete(key);
});

const restart = command('restart', (_model, system) => system.restart());

const key = fc.constantFrom('a', 'b', 'c');
const amount = fc.constantFrom(1, 2);

export const histories: fc.Arbitrary<Iterable<Command>> = fc.commands(
  [
    fc.tuple(fc.constantFrom(0, 1), key, amount).map((arrival) => ask(...arrival)),
    fc.tuple(key, fc.array(amount, { minLength: 2, maxLength: 6 })).map((arrivals) => askTogether(...arrivals)),
    fc.tuple(key, amount, fc.constantFrom<Crash>('ended', 'deserted')).map((arrival) => crash(...arrival)),
    fc.constantFrom(age, reap),
    fc.constant(restart),
  ],
  { maxCommands: 12 },
);
