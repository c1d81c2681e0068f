import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { parseIdempotencyKey } from '../idempotency-key.js';
import { keyMalformed, keyMissing } from './idempotency-problem.js';

interface RequestHeaders {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** The request's idempotency key. Without one, or with a malformed one, the handler is not called. */
export const IdempotencyKey = createParamDecorator((_data: unknown, context: ExecutionContext): string => {
  const key = readKey(context);
  if (key === null) throw keyMissing();
  return key;
});

/** The same for a route whose key is optional: null without one. */
export const OptionalIdempotencyKey = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  readKey(context),
);

function readKey(context: ExecutionContext): string | null {
  const { headers } = context.switchToHttp().getRequest<RequestHeaders>();
  const parsed = parseIdempotencyKey(headers['idempotency-key']);
  switch (parsed.kind) {
    case 'key':
      return parsed.key;
    case 'missing':
      return null;
    case 'malformed':
      throw keyMalformed(parsed.detail);
  }
}
