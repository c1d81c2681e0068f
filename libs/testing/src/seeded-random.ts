import { randomInt } from 'node:crypto';

const SEEDS = 2 ** 32;

export interface SeededRandom {
  readonly seed: number;
  /** A number from 0 (included) to 1 (excluded). */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
  shuffle<Item>(items: readonly Item[]): Item[];
}

/**
 * Random decisions that can be repeated: it prints its seed, and `TEST_SEED=<seed>` makes the next run decide the same.
 * The generator is mulberry32: 32 bits of state are plenty for choosing moments and orders.
 */
export const seededRandom = (seed: number = seedFromEnvironment()): SeededRandom => {
  process.stdout.write(`seed ${seed} (repeat with TEST_SEED=${seed})\n`);
  let state = seed >>> 0;

  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / SEEDS;
  };
  const integer = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));

  return {
    seed,
    next,
    integer,
    pick: (items) => items[integer(0, items.length - 1)] ?? items[0],
    shuffle: (items) =>
      items
        .map((item) => ({ item, rank: next() }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ item }) => item),
  };
};

const seedFromEnvironment = (): number => {
  const given = process.env['TEST_SEED'];
  return given === undefined ? randomInt(SEEDS) : Number(given);
};
