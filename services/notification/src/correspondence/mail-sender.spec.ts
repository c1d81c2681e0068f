import type { Lease } from '@once/idempotency';
import { describe, expect, it } from 'vitest';
import { correspondenceWith, mailFor, ORDER_ID } from '../../test/mails.js';
import type { OutgoingMail, SendResult } from '../channel/mail-channel.js';
import type { Correspondence } from './correspondence.js';
import { subjectOf, type CorrespondenceInput } from './correspondence-work.js';
import { MailSender } from './mail-sender.js';

const lease: Lease = { scope: 'step', key: 'k', subject: subjectOf(ORDER_ID, 'confirmed'), token: 1 };

function given(correspondence: Correspondence | null, result: SendResult | Error) {
  const sent: OutgoingMail[] = [];
  const submitted: CorrespondenceInput[] = [];
  const channel = {
    send: (mail: OutgoingMail) => {
      sent.push(mail);
      return result instanceof Error ? Promise.reject(result) : Promise.resolve(result);
    },
  };
  const sender = new MailSender(channel, (input) => {
    submitted.push(input);
    return Promise.resolve({ kind: 'known', correspondence });
  });
  return { sent, submitted, perform: () => sender.perform(lease, new AbortController().signal) };
}

const queued = correspondenceWith({ confirmation: mailFor('confirmed') });

describe('a queued mail', () => {
  it.each(['sent', 'undeliverable'] as const)(
    'is sent once, and what the server said is recorded: %s',
    async (status) => {
      const { sent, submitted, perform } = given(queued, status);
      expect(await perform()).toBe('finished');
      expect(sent).toEqual([{ orderId: ORDER_ID, template: 'confirmed', mail: mailFor('confirmed') }]);
      expect(submitted.at(-1)).toEqual({ kind: 'settled', orderId: ORDER_ID, template: 'confirmed', status });
    },
  );

  it('stays queued, and is sent again later, when it is not known whether the server took it', async () => {
    const { submitted, perform } = given(queued, 'unknown');
    expect(await perform()).toBe('unfinished');
    expect(submitted).toEqual([{ kind: 'review', orderId: ORDER_ID }]);
  });

  it('stays queued when sending fails in a way that nobody foresaw', async () => {
    const { submitted, perform } = given(queued, new Error('no route'));
    await expect(perform()).rejects.toThrow('no route');
    expect(submitted).toHaveLength(1);
  });
});

describe('a mail that is decided', () => {
  it.each(['sent', 'voided', 'undeliverable'] as const)('as %s is not sent', async (status) => {
    const { sent, perform } = given(correspondenceWith({ confirmation: mailFor('confirmed', { status }) }), 'sent');
    expect(await perform()).toBe('finished');
    expect(sent).toEqual([]);
  });
});

describe('a step record without its mail', () => {
  it.each([null, correspondenceWith({ cancellation: mailFor('cancelled') })])(
    'is a mistake, and loud',
    async (known) => {
      await expect(given(known, 'sent').perform()).rejects.toThrow(`no mail of order ${ORDER_ID}`);
    },
  );
});
