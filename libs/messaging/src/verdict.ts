/**
 * What a handler decided about a delivery. It is a value, never a channel: the library acknowledges, after the handler's
 * transaction committed.
 *
 * - `done`: the effect is committed (now, or by an earlier delivery of the same message).
 * - `retry`: not now; the message comes back after a backoff, until its attempts are used up.
 * - `refuse`: never; the message becomes a dead letter at once.
 */
export type Verdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'retry'; readonly reason: string }
  | { readonly kind: 'refuse'; readonly reason: string };

export const done: Verdict = { kind: 'done' };

export function retry(reason: string): Verdict {
  return { kind: 'retry', reason };
}

export function refuse(reason: string): Verdict {
  return { kind: 'refuse', reason };
}

/** Handlers are reached through a framework that loses their return type, so it is checked once, here. */
export function isVerdict(value: unknown): value is Verdict {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  if (value.kind === 'done') return true;
  return (value.kind === 'retry' || value.kind === 'refuse') && 'reason' in value && typeof value.reason === 'string';
}
