/** Small statistics: medians of runs, and ratios taken within one pair, where the machine's mood is the same for both. */

export const percentile = (sorted, share) =>
  sorted.length === 0 ? NaN : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

export const median = (values) => {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** One measurement in numbers. */
export const figuresOf = ({ orders, seconds, latencies, bill }) => ({
  ordersPerSecond: orders / seconds,
  p50: percentile(latencies, 0.5),
  p95: percentile(latencies, 0.95),
  p99: percentile(latencies, 0.99),
  cpuMs: bill.cpuMsInAll,
  statements: bill.statements,
  commits: bill.commits,
  walBytes: bill.walBytes,
  messages: bill.messages,
});

export const medians = (measurements) => {
  const all = measurements.map(figuresOf);
  return Object.fromEntries(Object.keys(all[0]).map((name) => [name, median(all.map((figures) => figures[name]))]));
};

/** For each pair, and their median: how many times `one` is the `other`. */
export const ratios = (ones, others, name) => {
  const each = ones.map((one, index) => figuresOf(one)[name] / figuresOf(others[index])[name]);
  return { median: median(each), each };
};
