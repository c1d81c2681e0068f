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
    expect(confirmed()).toMatchObject({
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
    expect(cancelled({ reason })).toMatchObject({
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

describe('the markup of a mail', () => {
  it.each([confirmed(), cancelled()])('says the same as its text: $subject', ({ html, text, subject }) => {
    expect(html).toContain(`<h1 style="font-size: 1.2em">${subject}</h1>`);
    expect(html).toContain(`<p>${text.trim()}</p>`);
    expect(html).toContain('This mail was sent to ada@example.com.');
  });

  it('loads nothing', () => {
    expect(confirmed().html).not.toMatch(/src=|href=|url\(|@import/i);
  });

  it.each([
    '<script>alert(1)</script>@example.com',
    '"><img src=x onerror=alert(1)>@example.com',
    "' onmouseover='alert(1)@example.com",
    '</title></head><body onload=alert(1)>@example.com',
    '&lt;b&gt;@example.com',
  ])('shows what a customer wrote as they wrote it: %s', (to) => {
    const { html } = confirmed({ to });
    expect(html.match(/<[^>]+>/g)).toEqual(confirmed().html.match(/<[^>]+>/g));
    const shown = html.replace(/&#(\d+);/g, (_match, code: string) => String.fromCharCode(Number(code)));
    expect(shown).toContain(`This mail was sent to ${to}.`);
  });

  it('has the same tags whatever is put into it', () => {
    const tags = confirmed().html.match(/<[^>]+>/g);
    fc.assert(
      fc.property(fc.string(), (to) => {
        expect(confirmed({ to }).html.match(/<[^>]+>/g)).toEqual(tags);
      }),
    );
  });
});
