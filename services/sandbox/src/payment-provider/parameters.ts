import { z } from 'zod';
import type { Form } from '../http/form.js';
import { invalidRequest, type StripeError } from './stripe-error.js';

/** Schemas of the forms of our subset; a parameter that none of them names is refused, as Stripe does. */

const amount = z
  .string()
  .regex(/^\d{1,12}$/, 'invalid_integer')
  .transform(Number)
  .refine((value) => value > 0, 'invalid_integer');
const text = z.string().max(5_000);
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const metadata = z.record(z.string().max(40), z.string().max(500));
const expand = z.array(z.string()).default([]);
const seconds = z
  .string()
  .regex(/^\d{1,12}$/, 'invalid_integer')
  .transform(Number);
const pageSize = z
  .string()
  .regex(/^\d{1,3}$/, 'invalid_integer')
  .transform(Number)
  .refine((value) => value >= 1 && value <= 100, 'invalid_integer')
  .default(10);

/** Understood by Stripe and without meaning for a provider that has no browsers, customers or receipts. */
const ignored = {
  automatic_payment_methods: z.unknown().optional(),
  confirmation_method: z.unknown().optional(),
  customer: z.unknown().optional(),
  error_on_requires_action: z.unknown().optional(),
  off_session: z.unknown().optional(),
  payment_method_options: z.unknown().optional(),
  payment_method_types: z.unknown().optional(),
  return_url: z.unknown().optional(),
  setup_future_usage: z.unknown().optional(),
  shipping: z.unknown().optional(),
  statement_descriptor: z.unknown().optional(),
  statement_descriptor_suffix: z.unknown().optional(),
};

export const createIntentForm = z.strictObject({
  ...ignored,
  amount,
  currency: z
    .string()
    .regex(/^[A-Za-z]{3}$/, 'invalid_currency')
    .transform((value) => value.toLowerCase()),
  capture_method: z.enum(['automatic', 'automatic_async', 'manual']).default('automatic_async'),
  confirm: flag.default(false),
  description: text.optional(),
  expand,
  metadata: metadata.default({}),
  payment_method: text.optional(),
  receipt_email: text.optional(),
});

export const confirmIntentForm = z.strictObject({
  ...ignored,
  expand,
  payment_method: text.optional(),
  receipt_email: text.optional(),
});

export const captureIntentForm = z.strictObject({
  amount_to_capture: amount.optional(),
  expand,
  final_capture: flag.optional(),
  metadata: metadata.optional(),
  statement_descriptor: text.optional(),
  statement_descriptor_suffix: text.optional(),
});

export const cancelIntentForm = z.strictObject({
  cancellation_reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer', 'abandoned']).optional(),
  expand,
});

export const createRefundForm = z.strictObject({
  amount: amount.optional(),
  charge: text.optional(),
  expand,
  metadata: metadata.default({}),
  payment_intent: text.optional(),
  reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
});

export const retrieveIntentForm = z.strictObject({ client_secret: text.optional(), expand });

const created = z.union([
  seconds.transform((at) => ({ gte: at, lt: at + 1 })),
  z.strictObject({ gt: seconds.optional(), gte: seconds.optional(), lt: seconds.optional(), lte: seconds.optional() }),
]);
const page = { ending_before: text.optional(), expand, limit: pageSize, starting_after: text.optional() };

export const listIntentsForm = z.strictObject({ ...page, created: created.optional(), customer: text.optional() });
export const listRefundsForm = z.strictObject({
  ...page,
  charge: text.optional(),
  created: created.optional(),
  payment_intent: text.optional(),
});
export const listEventsForm = z.strictObject({
  ...page,
  created: created.optional(),
  type: text.optional(),
  types: z.array(text).optional(),
});
export const searchIntentsForm = z.strictObject({ expand, limit: pageSize, page: text.optional(), query: text });

export type Created = z.output<typeof created>;
/** Which part of a list is asked for. */
export type PageWindow = Pick<
  z.output<typeof listIntentsForm>,
  'created' | 'ending_before' | 'limit' | 'starting_after'
>;

export type Parsed<Value> =
  { readonly kind: 'parsed'; readonly value: Value } | { readonly kind: 'refused'; readonly error: StripeError };

/** Reads a form, or names the first parameter that is wrong, in Stripe's words. */
export function parseParameters<Schema extends z.ZodType>(schema: Schema, form: Form): Parsed<z.output<Schema>> {
  const result = schema.safeParse(form);
  if (result.success) return { kind: 'parsed', value: result.data };
  const issue = result.error.issues[0];
  return { kind: 'refused', error: issue === undefined ? invalidRequest('Invalid request.') : describe(issue, form) };
}

function describe(issue: z.core.$ZodIssue, form: Form): StripeError {
  if (issue.code === 'unrecognized_keys') {
    const param = issue.keys[0] ?? '';
    return invalidRequest(`Received unknown parameter: ${param}`, { code: 'parameter_unknown', param });
  }
  const [head = '', ...rest] = issue.path.map(String);
  const param = head + rest.map((step) => `[${step}]`).join('');
  if (rest.length === 0 && !Object.hasOwn(form, head)) {
    return invalidRequest(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
  }
  if (issue.message === 'invalid_integer') {
    return invalidRequest(`Invalid integer: ${param}`, { code: 'parameter_invalid_integer', param });
  }
  return invalidRequest(`Invalid ${param}.`, { param });
}
