import { describe, expect, it } from 'vitest';
import { placeOrderRequest } from './place-order.request.js';

const body = {
  customer: { email: 'ada@example.com' },
  items: [{ sku: 'mug', quantity: 1 }],
  payment: { method: 'pm_card_visa' },
};
const items = (count: number) => Array.from({ length: count }, (_, index) => ({ sku: `sku-${index}`, quantity: 1 }));
const wrongFields = (sent: unknown) =>
  placeOrderRequest.safeParse(sent).error?.issues.map(({ path, code }) => `${path.join('.')} ${code}`) ?? [];

describe('the body of POST /orders', () => {
  it('is what was sent', () => {
    expect(placeOrderRequest.parse(body)).toEqual(body);
  });

  it.each([
    ['one item', { items: items(1) }],
    ['fifty items', { items: items(50) }],
    ['a thousand of one', { items: [{ sku: 'mug', quantity: 1000 }] }],
    ['a method of digits that is no card', { payment: { method: '4242424242424241' } }],
    ['the longest sku', { items: [{ sku: 'x'.repeat(64), quantity: 1 }] }],
  ])('may have %s', (_name, fields) => {
    expect(wrongFields({ ...body, ...fields })).toEqual([]);
  });

  it.each([
    ['no items', { items: [] }, ['items too_small']],
    ['fifty-one items', { items: items(51) }, ['items too_big']],
    ['an SKU twice', { items: [...items(1), ...items(1)] }, ['items.1.sku custom']],
    ['none of an item', { items: [{ sku: 'mug', quantity: 0 }] }, ['items.0.quantity too_small']],
    ['too many of an item', { items: [{ sku: 'mug', quantity: 1001 }] }, ['items.0.quantity too_big']],
    ['a half', { items: [{ sku: 'mug', quantity: 1.5 }] }, ['items.0.quantity invalid_type']],
    ['a quantity in words', { items: [{ sku: 'mug', quantity: '1' }] }, ['items.0.quantity invalid_type']],
    ['an SKU with a line break', { items: [{ sku: 'a\nb', quantity: 1 }] }, ['items.0.sku invalid_format']],
    ['an SKU that is too long', { items: [{ sku: 'x'.repeat(65), quantity: 1 }] }, ['items.0.sku too_big']],
    ['an address that is none', { customer: { email: 'nobody' } }, ['customer.email invalid_format']],
    ['two addresses in one', { customer: { email: 'a@b.co\r\nBcc: c@d.co' } }, ['customer.email invalid_format']],
    ['a price of its own', { items: [{ sku: 'mug', quantity: 1, unitAmount: 1 }] }, ['items.0 unrecognized_keys']],
    ['a field that nobody knows', { coupon: 'free' }, [' unrecognized_keys']],
    ['a card number', { payment: { method: '4242424242424242' } }, ['payment.method custom']],
    ['a card number in groups', { payment: { method: '3782-822463-10005' } }, ['payment.method custom']],
    ['no payment', { payment: undefined }, ['payment invalid_type']],
  ])('has no %s', (_name, fields, wrong) => {
    expect(wrongFields({ ...body, ...fields })).toEqual(wrong);
  });

  it('is told every wrong field at once', () => {
    expect(wrongFields({ customer: {}, items: [{ sku: '', quantity: 0 }], payment: { method: '' } })).toHaveLength(6);
  });
});
