import { setTimeout as sleep } from 'node:timers/promises';

export interface EventuallyOptions {
  /** How long the assertion may keep failing. Default 5,000. */
  readonly withinMs?: number;
  /** Pause between two tries. Default 25. */
  readonly everyMs?: number;
}

/**
 * Repeats `assertion` until it passes and returns its value. At the deadline the error says how long it was tried and shows
 * the last failure.
 */
export const eventually = async <Value>(
  assertion: () => Value | Promise<Value>,
  { withinMs = 5_000, everyMs = 25 }: EventuallyOptions = {},
): Promise<Value> => {
  const deadline = performance.now() + withinMs;
  for (let attempts = 1; ; attempts++) {
    const isLast = performance.now() >= deadline;
    try {
      return await assertion();
    } catch (failure) {
      if (isLast) throw new DeadlineError(withinMs, attempts, failure);
    }
    await sleep(everyMs);
  }
};

class DeadlineError extends Error {
  override readonly name = 'DeadlineError';

  constructor(withinMs: number, attempts: number, lastFailure: unknown) {
    const shown = lastFailure instanceof Error ? lastFailure.message : String(lastFailure);
    super(`still failing after ${withinMs} ms and ${attempts} attempts; the last failure: ${shown}`, {
      cause: lastFailure,
    });
  }
}
