export interface BackoffOptions {
  readonly baseMs: number;
  readonly maxMs: number;
  /** Injected so that an interleaving can be replayed; in [0, 1). */
  readonly random: () => number;
}

/**
 * How long to wait after the given attempt (the first is 1): doubling from `baseMs` up to `maxMs`, of which the upper
 * half is random. Without the jitter everything that failed together would come back together.
 */
export function backoffMs(attempt: number, options: BackoffOptions): number {
  const ceilingMs = Math.min(options.maxMs, options.baseMs * 2 ** Math.max(0, attempt - 1));
  return Math.round(ceilingMs * (0.5 + options.random() / 2));
}
