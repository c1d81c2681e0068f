import type { Metrics } from '@once/service-kit';
import type { SendResult } from '../channel/mail-channel.js';

/** What happens to mails on their way, as numbers. */
export interface MailNews {
  attempted(outcome: SendResult): void;
  /** A mail is sent although an earlier attempt may have arrived: the customer may get a second copy. */
  mayBeCopy(): void;
}

export function mailNews(metrics: Metrics): MailNews {
  const attempts = metrics.counter({
    name: 'mail_attempts_total',
    help: 'Mails handed to the mail server, by what it said',
    labels: ['outcome'],
  });
  const copies = metrics.counter({
    name: 'mail_possible_copies_total',
    help: 'Mails sent again although an earlier attempt may have arrived',
  });
  return { attempted: (outcome) => attempts.inc({ outcome }), mayBeCopy: () => copies.inc() };
}
