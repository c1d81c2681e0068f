import { inspect } from 'node:util';

/** A problem the person at the terminal can act on: its message is shown alone, without a stack. */
export class LaunchError extends Error {
  name = 'LaunchError';
}

/** What went wrong: one clear sentence when we know it, everything when we do not. */
export const describeFailure = (error) => (error instanceof LaunchError ? `\n✗ ${error.message}` : inspect(error));
