import type { Lease } from '@once/idempotency';
import { describe, expect, it } from 'vitest';
import { correspondenceWith, mailFor, ORDER_ID } from '../../test/mails.js';
import type { OutgoingMail, SendResult } from '../channel/mail-channel.js';
import type { Correspondence } from './correspondence.js';
import { subjectOf, type CorrespondenceAnswer, type CorrespondenceInput } from './correspondence-work.js';
import { MailSender } from './mail-sender.js';

const lease: Lease = { scope: 'step', key: 'k', subject: subjectOf(ORDER_ID, 'confirmed'), token: 1 };

/** What happens, in its order: what is submitted, what is sent, what is counted. */
function given(begun: CorrespondenceAnswer, result: SendResult | Error) {
  const happened: string[] = [];
  const sent: OutgoingMail[] = [];
  const submitted: CorrespondenceInput[] = [];
  const channel = {
    send: (mail: OutgoingMail) => {
      happened.push('send');
      sent.push(mail);
      return result instanceof Error ? Promise.reject(result) : Promise.resolve(result);
    },
  };
  const submit = (input: CorrespondenceInput): Promise<CorrespondenceAnswer> => {
    happened.push(input.kind);
    submitted.push(input);
    return Promise.resolve(input.kind === 'attempt' ? begun : known(null));
  };
  const news = {
    attempted: (outcome: SendResult) => void happened.push(`counted as ${outcome}`),
    mayBeCopy: () => void happened.push('may be a copy'),
  };
  const sender = new MailSender(channel, submit, news);
  return { happened, sent, submitted, perform: (held = lease) => sender.perform(held, new AbortController().signal) };
}

const known = (correspondence: Correspondence | null): CorrespondenceAnswer => ({ kind: 'known', correspondence });
const mail = mailFor('confirmed');
const send: CorrespondenceAnswer = { kind: 'send', mail, mayBeCopy: false };

describe('a queued mail', () => {
  it.each(['sent', 'undeliverable'] as const)(
    'is sent once, between a row of the ledger and its outcome: %s',
    async (outcome) => {
      const { happened, sent, submitted, perform } = given(send, outcome);
      expect(await perform()).toBe('finished');
      expect(sent).toEqual([{ orderId: ORDER_ID, template: 'confirmed', mail }]);
      expect(happened).toEqual(['attempt', 'send', `counted as ${outcome}`, 'attempted']);
      const [before, after] = submitted;
      expect(before).toMatchObject({ kind: 'attempt', isFirst: true });
      expect({ ...after, isFirst: true }).toEqual({ ...before, kind: 'attempted', outcome });
    },
  );

  it.each(['deferred', 'unknown'] as const)('stays queued, and is sent again later, when it is %s', async (outcome) => {
    const { submitted, perform } = given(send, outcome);
    expect(await perform()).toBe('unfinished');
    expect(submitted).toMatchObject([{ kind: 'attempt' }, { kind: 'attempted', outcome }]);
  });

  it('is not tried for the first time by a rescuer', async () => {
    const { submitted, perform } = given(send, 'sent');
    await perform({ ...lease, token: 2 });
    expect(submitted[0]).toMatchObject({ kind: 'attempt', isFirst: false });
  });

  it('is counted when it may arrive a second time', async () => {
    const { happened, perform } = given({ ...send, mayBeCopy: true }, 'sent');
    await perform();
    expect(happened).toEqual(['attempt', 'may be a copy', 'send', 'counted as sent', 'attempted']);
  });

  it('keeps its row of the ledger open when sending fails in a way that nobody foresaw', async () => {
    const { submitted, perform } = given(send, new Error('no route'));
    await expect(perform()).rejects.toThrow('no route');
    expect(submitted).toMatchObject([{ kind: 'attempt' }]);
  });
});

describe('a mail that is decided', () => {
  it.each(['sent', 'voided', 'undeliverable'] as const)('as %s is not sent', async (status) => {
    const decided = known(correspondenceWith({ confirmation: mailFor('confirmed', { status }) }));
    const { happened, perform } = given(decided, 'sent');
    expect(await perform()).toBe('finished');
    expect(happened).toEqual(['attempt']);
  });
});

describe('a step record without its mail', () => {
  it.each([null, correspondenceWith({ cancellation: mailFor('cancelled') })])(
    'is a mistake, and loud',
    async (correspondence) => {
      await expect(given(known(correspondence), 'sent').perform()).rejects.toThrow(`no mail of order ${ORDER_ID}`);
    },
  );
});
