/** What no system can save: the calls of an order, made by a process that does nothing else. */
const LOADS = [{ window: 64 }, { window: 128 }, { window: 256 }];

export const ceiling = {
  title: 'the calls of an order alone',
  systems: ['calls'],
  measure: (field) => field.measureRounds(LOADS),
};
