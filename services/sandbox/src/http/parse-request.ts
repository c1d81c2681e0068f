import type { z } from 'zod';
import { InvalidRequest } from './problem.filter.js';

/** Reads a body or a query of the sandbox's own routes, or throws with every field that is wrong. */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new InvalidRequest(
    result.error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message })),
  );
}
