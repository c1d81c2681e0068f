import type { OutgoingMail } from './mail-channel.js';

export interface MailText {
  readonly subject: string;
  readonly text: string;
}

/** What the customer reads. */
export function mailText({ orderId, template, mail }: OutgoingMail): MailText {
  const amount = new Intl.NumberFormat('en', { style: 'currency', currency: mail.currency }).format(mail.amount / 100);
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

function explain(reason: string | null): string {
  switch (reason) {
    case 'card_declined':
      return 'the card was declined';
    case 'out_of_stock':
      return 'an article is out of stock';
    case 'requested':
      return 'you asked for it';
    case 'timed_out':
      return 'the payment took too long';
    case 'authorisation_expired':
      return 'the reservation on your card ran out';
    default:
      return 'the payment could not be completed';
  }
}
