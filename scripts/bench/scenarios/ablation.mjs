/** What each part buys: its setting turned off, and with both off the naive build of the same design. */
const LOADS = [{ window: 64 }, { window: 256 }];

export const ablation = {
  title: 'what each part buys',
  systems: ['once', 'naive', 'one-by-one', 'polled', 'unpaced'],
  measure: (field) => field.measureRounds(LOADS),
};
