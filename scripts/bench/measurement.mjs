/** One load on one running system: settle, measure, wait until every order is done, and see that each was charged once. */
import { LaunchError } from '../lib/errors.mjs';
import { billOf, readCosts } from './costs.mjs';
import { figuresOf } from './figures.mjs';
import { Load } from './load.mjs';

/** What was in flight under the load before has ended, and the new load has filled every queue. */
const SETTLE_MS = 2_500;
/** A tail needs more orders than a median, and an open load is the one whose tail is judged. */
const OPEN_SECONDS_FACTOR = 2;

/**
 * @param {{ window?: number, rate?: number, skus?: string[], keys?: 'ordered' | 'random', isPersistent?: boolean }} load
 *   orders in flight, or orders per second
 */
export const measureLoad = async (system, load, { seconds, settleMs = SETTLE_MS, isBilled = true }) => {
  const { window, rate, ...orders } = load;
  const driver = new Load(system, orders);
  const read = async () => (isBilled ? readCosts(system) : undefined);
  try {
    const times = {
      warmUpMs: settleMs,
      durationMs: seconds * 1_000 * (rate ? OPEN_SECONDS_FACTOR : 1),
      onStart: read,
      onEnd: read,
    };
    const result = await (window ? driver.closed({ window, ...times }) : driver.open({ rate, ...times }));
    await refuseHarm(system, result);
    const { start, end, orders: count, seconds: took } = result;
    const bill = isBilled ? billOf(start, end, count) : undefined;
    return { orders: count, seconds: took, figures: figuresOf(result, bill), ...(bill && { cpuMs: bill.cpuMs }) };
  } finally {
    driver.close();
  }
};

/** Node's compiler makes the first seconds of every system up to twice as dear, so no system is measured cold. */
export const warmUp = async (system, seconds) => {
  const driver = new Load(system);
  try {
    const unread = async () => undefined;
    const times = { warmUpMs: 0, durationMs: seconds * 1_000, onStart: unread, onEnd: unread };
    await refuseHarm(system, await driver.closed({ window: 64, ...times }));
  } finally {
    driver.close();
  }
};

/** A figure of a system that loses orders, or charges twice, is no figure. */
export const refuseHarm = async (system, { lost, failed }) => {
  if (lost > 0 || failed.length > 0)
    throw new LaunchError(`${lost} orders were lost and ${failed.length} failed: ${failed[0] ?? ''}`);
  const { repeated, unpaid } = await system.outside.findHarm();
  if (repeated.length > 0) throw new LaunchError(`captured more than once: ${repeated.join(', ')}`);
  if (unpaid.length > 0) throw new LaunchError(`confirmed and never captured: ${unpaid.join(', ')}`);
};

export const titleOf = ({ window, rate }) => (window ? `${window} in flight` : `${rate} per second`);
