import { z } from 'zod';

const LIMIT_STANDARD = 20;
const LIMIT_MAX = 100;

/** A cursor is opaque to callers: the id of the last row of the page before. */
const cursor = z.string().transform((text, context) => {
  const id = Buffer.from(text, 'base64url').toString();
  const parsed = z.uuid().safeParse(id);
  if (parsed.success) return parsed.data;
  context.addIssue({ code: 'custom', message: 'is not a cursor of this list' });
  return z.NEVER;
});

/** The part of a list's query that says which page: spread it into the query's schema. */
export const pageRequest = {
  cursor: cursor.optional(),
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'a whole number')
    .transform(Number)
    .pipe(z.int().min(1).max(LIMIT_MAX))
    .optional()
    .transform((limit) => limit ?? LIMIT_STANDARD),
};

export interface Page<Row> {
  readonly data: readonly Row[];
  readonly nextCursor: string | null;
}

/** A page of what was found. Whoever finds asks for one row more than the limit: it tells whether there is a next page. */
export function pageOf<Row extends { readonly id: string }>(found: readonly Row[], limit: number): Page<Row> {
  const data = found.slice(0, limit);
  const last = data.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return { data, nextCursor: hasMore ? Buffer.from(last.id).toString('base64url') : null };
}
