import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mailFor, ORDER_ID } from '../../test/mails.js';
import type { Mail } from '../correspondence/correspondence.js';
import { mailText } from './mail-text.js';

const confirmed = (fields: Partial<Mail> = {}) =>
  mailText({ orderId: ORDER_ID, template: 'confirmed', mail: mailFor('confirmed', fields) });
const cancelled = (fields: Partial<Mail> = {}) =>
  mailText({ orderId: ORDER_ID, template: 'cancelled', mail: mailFor('cancelled', fields) });

describe('the mail that confirms an order', () => {
  it('names the order and what was paid', () => {
    expect(confirmed()).toEqual({
      subject: `Your order ${ORDER_ID} is confirmed`,
      text: `Thank you. Your order ${ORDER_ID} is confirmed and €24.00 has been paid.\n`,
    });
  });

  it.each([
    [5, 'EUR', '€0.05'],
    [123_456_789, 'USD', '$1,234,567.89'],
    [2400, 'JPY', '¥2,400'],
    [2400, 'KWD', 'KWD 2.400'],
  ])('says %i minor units of %s as %s', (amount, currency, said) => {
    expect(confirmed({ amount, currency }).text.replaceAll('\u00A0', ' ')).toContain(` ${said} has been paid`);
  });
});

describe('the mail that cancels an order', () => {
  it.each([
    ['card_declined', 'the card was declined'],
    ['out_of_stock', 'an article is out of stock'],
    ['requested', 'you asked for it'],
    ['timed_out', 'the payment took too long'],
    ['authorisation_expired', 'the reservation on your card ran out'],
    ['payment_rejected', 'the payment could not be completed'],
    ['amount_mismatch', 'the payment could not be completed'],
    [null, 'the payment could not be completed'],
  ])('says why in words: %s', (reason, words) => {
    expect(cancelled({ reason })).toEqual({
      subject: `Your order ${ORDER_ID} is cancelled`,
      text: `Your order ${ORDER_ID} over €24.00 is cancelled: ${words}. Nothing remains charged.\n`,
    });
  });

  it('repeats nothing that others wrote: no markup, no header, no reason that it does not know', () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.constantFrom('<script>alert(1)</script>', 'x\r\nBcc: eve@example.com', '{{7*7}}', '__proto__', 'constructor'),
    );
    fc.assert(
      fc.property(hostile, hostile, (to, reason) => {
        for (const { subject, text } of [confirmed({ to, reason }), cancelled({ to, reason: `?${reason}` })]) {
          expect(`${subject}${text}`).toMatch(/^[\w €.,:-]+\n$/u);
        }
      }),
    );
    expect(cancelled({ reason: '__proto__' }).text).toContain('the payment could not be completed');
  });
});
