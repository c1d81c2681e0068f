import { z } from 'zod';

const LIMIT_STANDARD = 20;
const LIMIT_MAX = 100;

/** Enough for a sentence and a ticket number. */
const NOTE_MAX = 500;

export const listDeadLettersRequest = z.strictObject({
  cursor: z.string().optional(),
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'a whole number')
    .transform(Number)
    .pipe(z.int().min(1).max(LIMIT_MAX))
    .optional()
    .transform((limit) => limit ?? LIMIT_STANDARD),
});

/** Whoever throws a message away says why; an audit asks for it. */
export const discardRequest = z.strictObject({ note: z.string().trim().min(1).max(NOTE_MAX) });
export type DiscardRequest = z.infer<typeof discardRequest>;
