import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@once/testing';
import { done, type DeliveryContext, type Verdict } from '../src/index.js';
import { failedDeliveries } from './support.js';
import { latch, type TransportBench } from './transport-support.js';

export interface Survival {
  readonly deaths: number;
  /** Ids of the messages whose handler came to an end, in their order. */
  readonly handled: readonly string[];
}

export interface Killing {
  readonly killers: readonly string[];
  readonly bodies: readonly Buffer[];
  readonly attemptsMax: number;
  /** How long a handler takes that kills nobody. Default: it has ended before any neighbour's death. */
  readonly neighbourMs?: number;
}

export const DEATH_AFTER_MS = 100;

/**
 * Sends `bodies` to a service that dies whenever it handles one of `killers`, and starts it again until all killers are
 * dead letters. While a killer is handled the connection ends for good and no handler comes to an end, which is what a
 * killed process looks like to the broker.
 */
export async function surviveKillers(
  bench: TransportBench,
  { killers, bodies, attemptsMax, neighbourMs = 20 }: Killing,
): Promise<Survival> {
  const handled: string[] = [];
  let deaths = 0;
  const handlerOf =
    (life: number) =>
    async (delivery: DeliveryContext): Promise<Verdict> => {
      const { id } = delivery.envelope;
      if (killers.includes(id)) {
        await sleep(DEATH_AFTER_MS); // its neighbours have begun
        deaths += 1;
        await bench.proxy.refuse();
        bench.proxy.cutAll();
      }
      await sleep(killers.includes(id) ? 200 : neighbourMs);
      if (deaths >= life) return latch().opened.then(() => done);
      handled.push(id);
      return done;
    };
  const isOver = async (): Promise<boolean> => (await failedDeliveries(bench.session)).length === killers.length;
  const livesMax = killers.length * 2 * attemptsMax;
  await bench.start({ attemptsMax, graceMs: 0 }, handlerOf(1));
  await bench.untilUp();
  for (const body of bodies) bench.send(body);
  for (let life = 1; life <= livesMax && !(await isOver()); life += 1) {
    await eventually(async () => assert.ok(deaths >= life || (await isOver())), { withinMs: 15_000 });
    await bench.stop();
    await bench.proxy.accept();
    await bench.start({ attemptsMax, graceMs: 0 }, handlerOf(deaths + 1));
  }
  return {
    get deaths() {
      return deaths;
    },
    handled,
  };
}
