import type { Lease, Perform } from '@once/idempotency';
import { traced } from '@once/service-kit';
import { v7 as uuidv7 } from 'uuid';
import type { MailChannel } from '../channel/mail-channel.js';
import { mailOf } from './correspondence.js';
import {
  readSubject,
  type Attempt,
  type CorrespondenceAnswer,
  type CorrespondenceInput,
} from './correspondence-work.js';
import type { MailNews } from './mail-news.js';

/**
 * Sends a queued mail: commits that it is about to, sends, and commits what the server said. Sent again after a crash: at
 * least once, one Message-ID. The ledger of the attempts says how many copies there can be.
 */
export class MailSender {
  constructor(
    private readonly channel: MailChannel,
    private readonly submit: (input: CorrespondenceInput) => Promise<CorrespondenceAnswer>,
    private readonly news: MailNews,
  ) {}

  readonly perform: Perform = async (lease: Lease) => {
    const { orderId, template } = readSubject(lease.subject);
    const attempt = { id: uuidv7(), orderId, template };
    const begun = await this.submit({ kind: 'attempt', isFirst: lease.token === 1, ...attempt });
    if (begun.kind !== 'send') {
      requireMail(begun, attempt);
      return 'finished';
    }
    const { mail, mayBeCopy } = begun;
    if (mayBeCopy) this.news.mayBeCopy();

    const attributes = { 'once.order.id': orderId, 'once.template': template };
    const outcome = await traced('send mail', 'client', mail.traceparent, attributes, () =>
      this.channel.send({ orderId, template, mail }),
    );
    this.news.attempted(outcome);
    await this.submit({ kind: 'attempted', ...attempt, outcome });
    return outcome === 'sent' || outcome === 'undeliverable' ? 'finished' : 'unfinished';
  };
}

function requireMail(answer: CorrespondenceAnswer, { orderId, template }: Attempt): void {
  const correspondence = answer.kind === 'known' ? answer.correspondence : null;
  if (correspondence === null || mailOf(correspondence, template) === null) {
    throw new Error(`There is a step record but no mail of order ${orderId}.`);
  }
}
