/** A definite no of the provider, or a failure of its own, in Stripe's form. */
export interface StripeError {
  readonly status: number;
  readonly error: Readonly<Record<string, unknown>> & { readonly type: string; readonly message: string };
}

export function invalidRequest(
  message: string,
  details: Readonly<Record<string, unknown>> = {},
  status = 400,
): StripeError {
  return { status, error: { type: 'invalid_request_error', message, ...details } };
}

export function noSuch(kind: 'payment_intent' | 'charge' | 'PaymentMethod', id: string, param: string): StripeError {
  const status = kind === 'PaymentMethod' ? 400 : 404;
  return invalidRequest(`No such ${kind}: '${id}'`, { code: 'resource_missing', param }, status);
}

/** The object is not in a state in which this can be done, whatever the key. */
export function unexpectedState(message: string, paymentIntent: unknown): StripeError {
  return invalidRequest(message, { code: 'payment_intent_unexpected_state', payment_intent: paymentIntent });
}

export const stripeErrors = {
  unauthorised: {
    status: 401,
    error: { type: 'invalid_request_error', message: 'You did not provide an API key that starts with "sk_".' },
  },
  keyInUse: {
    status: 409,
    error: {
      type: 'idempotency_error',
      code: 'idempotency_key_in_use',
      message: 'There is currently another in-progress request using this Idempotency-Key. Please try again later.',
    },
  },
  rateLimited: {
    status: 429,
    error: { type: 'invalid_request_error', code: 'rate_limit', message: 'Too many requests. Please slow down.' },
  },
  internal: {
    status: 500,
    error: { type: 'api_error', message: 'An unknown error occurred.' },
  },
  unavailable: {
    status: 503,
    error: { type: 'api_error', message: 'The provider cannot remember anything at the moment, so it does nothing.' },
  },
} as const satisfies Record<string, StripeError>;

export function keyUsedOtherwise(key: string, place: string): StripeError {
  const message =
    `Keys for idempotent requests can only be used with the same parameters and endpoint they were first used with ` +
    `(this is ${place}). Try using a key other than '${key}' if you meant to execute a different request.`;
  return { status: 400, error: { type: 'idempotency_error', message } };
}
