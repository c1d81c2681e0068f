import type { z } from 'zod';
import { Problem } from './problem.js';

export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/**
 * Parses what a caller sent, or throws `invalid-request` naming every wrong field. Objects are to be `z.strictObject`, so that a
 * misspelt field is named instead of being ignored.
 */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidRequest(parsed.error.issues);
}

/** The part of a zod issue and of a Standard Schema issue that is told to the caller. */
export interface ValidationIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  readonly keys?: readonly string[];
}

export function invalidRequest(issues: readonly ValidationIssue[]): Problem {
  const errors = issues.flatMap(fieldErrorsOf);
  const fields = errors.map((error) => error.field).join(', ');
  return new Problem('invalid-request', { detail: `Wrong: ${fields}.`, extra: { errors } });
}

function fieldErrorsOf(issue: ValidationIssue): FieldError[] {
  const path = (issue.path ?? []).map((segment) => (typeof segment === 'object' ? segment.key : segment));
  if (issue.keys === undefined) return [{ field: fieldName(path), message: issue.message }];
  // One issue lists all unknown keys of an object; each of them is a wrong field.
  return issue.keys.map((key) => ({ field: fieldName([...path, key]), message: 'is not a known field' }));
}

/** `items[0].quantity`; the whole body is called `body`. */
function fieldName(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'body';
  return path
    .map((segment, index) =>
      typeof segment === 'number' ? `[${segment}]` : `${index === 0 ? '' : '.'}${String(segment)}`,
    )
    .join('');
}
