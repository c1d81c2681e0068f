import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';

/** The idempotency specification that clients are to be given (draft-ietf-httpapi-idempotency-key-header-07 §2.5.2). */
const SPECIFICATION = `One key per intent, the same on every retry of it; a UUID is recommended.

- Format: 1 to 255 characters 0x21 to 0x7E without comma and quote, \`"quoted"\` or bare, which mean the same. One header line.
- A key belongs to the account, the route and its path parameters: elsewhere the same key is another key.
- A repeat gets the first answer byte for byte, success or refusal, with \`Idempotent-Replayed: true\`.
- The same key with another request (compared by its fields, not by its bytes) does nothing and is answered 422.
- Expiration: answers are kept for 24 hours unless the operator configures otherwise, then the key answers 410. It never executes again.
- What is refused before the operation begins (400, 401, 413, 415, 422 unknown-sku, 429) and what fails on our side (5xx) is not
  remembered as an answer: go on with the same key.`;

/** Says in the OpenAPI document what an Idempotency-Key means here. */
export function ApiIdempotencyKey({ isRequired }: { readonly isRequired: boolean }): MethodDecorator {
  return applyDecorators(
    ApiHeader({ name: 'Idempotency-Key', required: isRequired, description: SPECIFICATION }),
    ApiResponse({ status: 400, description: 'key-missing, key-malformed or invalid-request: nothing was done' }),
    ApiResponse({ status: 409, description: 'operation-in-progress: send the same again, after Retry-After' }),
    ApiResponse({ status: 410, description: 'key-purged: read the result at Location, if there is one' }),
    ApiResponse({ status: 422, description: 'key-reused: this key belongs to another request; a new key is needed' }),
    ApiResponse({ status: 503, description: 'unavailable: the outcome is unknown; send the same again' }),
  );
}
