import { z } from 'zod';
import { identifier } from '../identifiers.js';

/**
 * The identity of one saga command. Every attempt of the operation carries the same one, so a participant recognises a
 * repeat whatever message brought it; the broker's message id decides nothing.
 */
export const operation = z.object({
  sagaId: identifier,
  step: z.string().min(1).max(64),
  direction: z.enum(['action', 'compensation']),
  /** 1, and one more after each definite refusal of a compensation. */
  generation: z.int().min(1),
});
export type Operation = z.infer<typeof operation>;

/** The operation's identity as one string: the key of its record at the participant. */
export function operationKey({ sagaId, step, direction, generation }: Operation): string {
  return `${sagaId}/${step}/${direction}/${generation}`;
}
