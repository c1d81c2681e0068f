import { identifier } from '@once/contracts';
import { Problem } from '@once/service-kit';

/** An order's id as it arrives in a path. What cannot be an id names no order, so it is not found rather than invalid. */
export function readOrderId(text: string): string {
  const parsed = identifier.safeParse(text);
  if (!parsed.success) throw new Problem('not-found', { detail: 'This account has no such order.' });
  return parsed.data.toLowerCase();
}
