/** The audit cannot say whether the promise holds: a source is away, nothing happened, or it happens still. Exit code 2. */
export class UnjudgeableError extends Error {
  name = 'UnjudgeableError';
}
