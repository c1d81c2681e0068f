import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InMemoryEffects } from '../../test/in-memory-effects.js';
import { classify } from '../../test/in-memory-work.js';
import type { Outcome } from '../idempotency-record.js';
import { EffectDoor } from './effect-door.js';
import type { Operation, Resolution } from './sink.js';

const LEASE_MS = 30;
const KEYS = ['a', 'b'] as const;
const operation = (key: string): Operation => ({ key, subject: 'order-1', request: `bytes of ${key}` });

/** What becomes of each request: answered, or its answer lost after it was applied, or the request itself. */
const fates = fc.array(fc.constantFrom('answered', 'answer-lost', 'request-lost'), { maxLength: 8 });
const asks = fc.array(fc.tuple(fc.constantFrom(0, 1), fc.constantFrom(...KEYS)), { minLength: 1, maxLength: 6 });

/** Two replicas, whose statements and calls end in the order that the scheduler picks, while leases run out. */
class World {
  readonly store = new InMemoryEffects();
  readonly sent: Operation[] = [];
  readonly doors: readonly EffectDoor[];

  constructor(
    private readonly scheduler: fc.Scheduler,
    private readonly fates: string[],
    resolution: Resolution,
  ) {
    this.store.onTheWay = (statement) => this.pause(statement);
    this.doors = [0, 1].map(
      (replica) =>
        new EffectDoor(
          this.store,
          { resolution, send: (sent) => this.receive(sent) },
          {
            batchMax: 50,
            waitMs: 60_000,
            classify,
            holder: `replica-${replica}`,
            leaseMs: LEASE_MS,
            concurrencyMax: 4,
            backoffMsMax: 10,
            onError: () => {},
            random: () => 1,
          },
        ),
    );
  }

  /** Runs until every operation that was asked for has its outcome; a rescuer looks every now and then. */
  async run(asked: readonly (readonly [number, string])[]): Promise<void> {
    const submitted = asked.map(([replica, key]) => this.doors[replica]?.submit(operation(key)));
    const isOver = (): boolean => asked.every(([, key]) => this.store.outcomeOf(key) !== null);
    for (let step = 0; !isOver(); step += 1) {
      expect(step, 'it ends').toBeLessThan(5_000);
      if (step % 20 === 0) for (const door of this.doors) void door.runOnce();
      await this.step();
    }
    const over = new AbortController();
    void Promise.all([...submitted, ...this.doors.map((door) => door.stop())]).then(() => over.abort());
    while (!over.signal.aborted) await this.step();
  }

  private async step(): Promise<void> {
    await vi.advanceTimersByTimeAsync(1);
    if (this.scheduler.count() > 0) await this.scheduler.waitOne();
  }

  private async receive(sent: Operation): Promise<Outcome> {
    const fate = this.fates.shift() ?? 'answered';
    await this.pause('request');
    if (fate === 'request-lost') throw new Error('connection reset');
    this.sent.push(sent);
    await this.pause('response');
    if (fate === 'answer-lost') throw new Error('connection reset');
    return { number: this.sent.length };
  }

  private pause(label: string): Promise<void> {
    return this.scheduler.schedule(Promise.resolve(), label);
  }
}

describe('two effect doors on one store, in every interleaving with lost answers and leases that run out,', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const always = (resolution: Resolution, isRight: (world: World, keys: ReadonlySet<string>) => void) =>
    fc.assert(
      fc.asyncProperty(fc.scheduler(), asks, fates, async (scheduler, asked, lost) => {
        const world = new World(scheduler, [...lost], resolution);
        await world.run(asked);
        isRight(world, new Set(asked.map(([, key]) => key)));
      }),
    );

  it('send to a blind sink at most once, where that was chosen', async () => {
    await always({ kind: 'blind', sends: 'at-most-once' }, ({ sent }, keys) => {
      for (const key of keys) expect(sent.filter((one) => one.key === key).length).toBeLessThanOrEqual(1);
    });
  });

  it('send to a blind sink at least once, where that was chosen, and never anything else', async () => {
    await always({ kind: 'blind', sends: 'at-least-once' }, ({ sent, store }, keys) => {
      for (const key of keys) {
        expect(sent).toContainEqual(operation(key));
        expect(store.outcomeOf(key)).toMatchObject({ kind: 'answered' });
      }
      for (const one of sent) expect(one).toEqual(operation(one.key));
    });
  });

  it('send what was written down, under its key, to a sink that knows keys', async () => {
    const lookUp = (): Promise<null> => Promise.resolve(null);
    await always({ kind: 'keyed', keyLifeMs: 3_600_000, marginMs: 0, lookUp }, ({ sent }, keys) => {
      for (const one of sent) expect(one).toEqual(operation(one.key));
      expect(new Set(sent.map(({ key }) => key))).toEqual(keys);
    });
  });
});
