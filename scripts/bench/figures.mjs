/** Small statistics of one measurement. */

export const percentile = (sorted, share) =>
  sorted.length === 0 ? NaN : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

export const median = (values) => {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** One measurement in numbers; without a bill, what customers saw. */
export const figuresOf = ({ orders, seconds, latencies }, bill) => ({
  ordersPerSecond: orders / seconds,
  p50: percentile(latencies, 0.5),
  p95: percentile(latencies, 0.95),
  p99: percentile(latencies, 0.99),
  ...(bill && {
    cpuMs: bill.cpuMsInAll,
    statements: bill.statements,
    commits: bill.commits,
    walBytes: bill.walBytes,
    messages: bill.messages,
  }),
});

/** The median of each number over several measurements. */
export const medians = (all) =>
  Object.fromEntries(Object.keys(all[0]).map((name) => [name, median(all.map((numbers) => numbers[name]))]));
