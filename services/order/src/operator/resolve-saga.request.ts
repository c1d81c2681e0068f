import { z } from 'zod';

/** Enough for a sentence and a ticket number; it is told in every timeline of the order. */
const NOTE_MAX = 500;

/**
 * What the operator has established about the operation that a parked saga waits for: that it was applied, that it was not, or
 * nothing yet, in which case it is asked again at once. The note says how they know.
 */
export const resolveSagaRequest = z.strictObject({
  resolution: z.enum(['applied', 'not_applied', 'retry']),
  note: z.string().trim().min(1).max(NOTE_MAX),
});
export type ResolveSagaRequest = z.infer<typeof resolveSagaRequest>;
