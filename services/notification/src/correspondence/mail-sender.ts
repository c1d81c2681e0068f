import type { Lease, Perform } from '@once/idempotency';
import { traced } from '@once/service-kit';
import type { MailChannel } from '../channel/mail-channel.js';
import { mailOf, type Correspondence } from './correspondence.js';
import { readSubject, type CorrespondenceAnswer, type CorrespondenceInput } from './correspondence-work.js';

/** Sends a queued mail and records what the server said. Sent again after a crash: at least once, one Message-ID. */
export class MailSender {
  constructor(
    private readonly channel: MailChannel,
    private readonly submit: (input: CorrespondenceInput) => Promise<CorrespondenceAnswer>,
  ) {}

  readonly perform: Perform = async (lease: Lease) => {
    const { orderId, template } = readSubject(lease.subject);
    const correspondence = await this.find(orderId);
    const mail = correspondence === null ? null : mailOf(correspondence, template);
    if (mail === null) throw new Error(`There is a step record but no mail of order ${orderId}.`);
    if (mail.status !== 'queued') return 'finished';

    const attributes = { 'once.order.id': orderId, 'once.template': template };
    const status = await traced('send mail', 'client', mail.traceparent, attributes, () =>
      this.channel.send({ orderId, template, mail }),
    );
    if (status === 'unknown') return 'unfinished';
    await this.submit({ kind: 'settled', orderId, template, status });
    return 'finished';
  };

  private async find(orderId: string): Promise<Correspondence | null> {
    const answer = await this.submit({ kind: 'review', orderId });
    return answer.kind === 'known' ? answer.correspondence : null;
  }
}
