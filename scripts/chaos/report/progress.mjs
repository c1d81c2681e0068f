import { quantile } from '../load/request-statistics.mjs';

const EVERY_MS = 5_000;

/** A line every few seconds while the load runs. Returns what ends it. */
export const showProgress = (statistics, report) => {
  let shown = 0;
  const timer = setInterval(() => {
    const fresh = statistics.seconds.slice(shown);
    shown = statistics.seconds.length;
    const sum = (what) => fresh.reduce((total, second) => total + second[what], 0);
    const p95 = quantile(
      fresh.flatMap(({ latencies }) => latencies),
      0.95,
    );
    report(
      `      ${statistics.totals.requests} requests, ${sum('accepted')} orders accepted just now, ${sum('unknown')} unknown, ` +
        `p95 ${p95 === null ? '–' : `${Math.round(p95)} ms`}`,
    );
  }, EVERY_MS);
  return () => clearInterval(timer);
};
