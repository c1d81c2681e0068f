import type { OutgoingMail } from './mail-channel.js';

export interface MailText {
  readonly subject: string;
  readonly text: string;
}

/** What the customer reads. */
export function mailText({ orderId, template, mail }: OutgoingMail): MailText {
  const amount = formatMoney(mail.amount, mail.currency);
  if (template === 'confirmed') {
    return {
      subject: `Your order ${orderId} is confirmed`,
      text: `Thank you. Your order ${orderId} is confirmed and ${amount} has been paid.\n`,
    };
  }
  return {
    subject: `Your order ${orderId} is cancelled`,
    text: `Your order ${orderId} over ${amount} is cancelled: ${explain(mail.reason)}. Nothing remains charged.\n`,
  };
}

/** Currencies differ in their minor units: a yen has none, a dinar a thousand. */
function formatMoney(amount: number, currency: string): string {
  let format = FORMATS.get(currency);
  if (format === undefined)
    FORMATS.set(currency, (format = new Intl.NumberFormat('en', { style: 'currency', currency })));
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** Making a format takes longer than sending the mail; there are as many as the world has currencies. */
const FORMATS = new Map<string, Intl.NumberFormat>();

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
