import { html, renderHtml, type Html } from './html.js';
import type { OutgoingMail } from './mail-channel.js';

export interface MailText {
  readonly subject: string;
  readonly text: string;
  /** The same words for clients that show markup. */
  readonly html: string;
}

/** What the customer reads, twice: mail clients choose. */
export function mailText(outgoing: OutgoingMail): MailText {
  const { subject, sentence } = wordsOf(outgoing);
  return { subject, text: `${sentence}\n`, html: renderHtml(page(subject, sentence, outgoing.mail.to)) };
}

function wordsOf({ orderId, template, mail }: OutgoingMail): { readonly subject: string; readonly sentence: string } {
  const amount = formatMoney(mail.amount, mail.currency);
  if (template === 'confirmed') {
    return {
      subject: `Your order ${orderId} is confirmed`,
      sentence: `Thank you. Your order ${orderId} is confirmed and ${amount} has been paid.`,
    };
  }
  return {
    subject: `Your order ${orderId} is cancelled`,
    sentence: `Your order ${orderId} over ${amount} is cancelled: ${explain(mail.reason)}. Nothing remains charged.`,
  };
}

/** Nothing is loaded from anywhere: a mail that phones home is not one that we send. */
function page(subject: string, sentence: string, to: string): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${subject}</title>
      </head>
      <body style="font-family: sans-serif">
        <h1 style="font-size: 1.2em">${subject}</h1>
        <p>${sentence}</p>
        <p style="color: #666">This mail was sent to ${to}.</p>
      </body>
    </html> `;
}

/** Currencies differ in their minor units: a yen has none, a dinar a thousand. */
function formatMoney(amount: number, currency: string): string {
  const format = formatOf(currency);
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** Making a format takes longer than sending the mail; there are as many as the world has currencies. */
const FORMATS = new Map<string, Intl.NumberFormat>();

function formatOf(currency: string): Intl.NumberFormat {
  const known = FORMATS.get(currency);
  if (known !== undefined) return known;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  FORMATS.set(currency, format);
  return format;
}

/** What the reasons of the contract mean to a customer. */
const EXPLANATIONS: ReadonlyMap<string, string> = new Map([
  ['card_declined', 'the card was declined'],
  ['out_of_stock', 'an article is out of stock'],
  ['requested', 'you asked for it'],
  ['timed_out', 'the payment took too long'],
  ['authorisation_expired', 'the reservation on your card ran out'],
]);

function explain(reason: string | null): string {
  return EXPLANATIONS.get(reason ?? '') ?? 'the payment could not be completed';
}
