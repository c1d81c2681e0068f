import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Problem } from './problem.js';
import { validate } from './validate.js';

const schema = z.strictObject({
  customer: z.strictObject({ email: z.email() }),
  items: z.array(z.strictObject({ sku: z.string().min(1), quantity: z.int().min(1) })).min(1),
});

function errorsOf(value: unknown): unknown {
  try {
    validate(schema, value);
  } catch (error) {
    if (error instanceof Problem) return error.getResponse();
    throw error;
  }
  return undefined;
}

describe('validate', () => {
  it('gives the parsed value', () => {
    const order = { customer: { email: 'ann@example.com' }, items: [{ sku: 'mug', quantity: 1 }] };
    expect(validate(schema, order)).toEqual(order);
  });

  it('names every wrong field, unknown ones too', () => {
    const value = {
      customer: { email: 'ann', phone: 1 },
      items: [{ sku: 'mug', quantity: 0 }, { sku: '' }],
      note: 'x',
      tip: 1,
    };
    expect(errorsOf(value)).toMatchObject({
      type: '/problems/invalid-request',
      status: 400,
      errors: [
        { field: 'customer.email' },
        { field: 'customer.phone', message: 'is not a known field' },
        { field: 'items[0].quantity' },
        { field: 'items[1].sku' },
        { field: 'items[1].quantity' },
        { field: 'note' },
        { field: 'tip' },
      ],
    });
  });

  it.each([null, undefined, [], 'text', 7])('calls a body that is no object "body": %j', (value) => {
    expect(errorsOf(value)).toMatchObject({ errors: [{ field: 'body' }] });
  });
});
