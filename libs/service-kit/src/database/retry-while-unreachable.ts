import { setTimeout as pause } from 'node:timers/promises';
import { isConnectionError } from './database-error.js';

/** A minute: a Postgres that recovers after a crash is back by then, and a wrong address is reported while somebody looks. */
const ATTEMPTS_MAX = 60;
const PAUSE_MS = 1_000;

/** Repeats work that may be repeated, as long as the server cannot be reached, at most for a minute of pauses. */
export async function retryWhileUnreachable<Result>(
  work: () => Promise<Result>,
  onUnreachable: (error: unknown, attempt: number) => void,
  pauseMs = PAUSE_MS,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isConnectionError(error) || attempt === ATTEMPTS_MAX) throw error;
      onUnreachable(error, attempt);
      await pause(pauseMs);
    }
  }
}
