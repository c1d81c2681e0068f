import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correspondenceWith, mailFor, operationOf, ORDER_ID, requestFor } from '../../test/mails.js';
import { isDecided, mailOf, requestMail, settleMail, type Correspondence, type MailStatus } from './correspondence.js';

const again = { operation: operationOf('confirmed', { generation: 2 }) };

describe('a request for a mail', () => {
  it('queues the mail and makes the correspondence', () => {
    expect(requestMail(null, requestFor('confirmed'))).toEqual({
      orderId: ORDER_ID,
      confirmation: mailFor('confirmed'),
      cancellation: null,
      version: 0,
    });
  });

  it('of a second operation is about the same mail, which stays as it was asked for first', () => {
    const first = requestMail(null, requestFor('confirmed'));
    const second = requestMail(first, requestFor('confirmed', { ...again, to: 'eve@example.com', amount: 1 }));
    expect(second.confirmation).toEqual(
      mailFor('confirmed', { operations: [operationOf('confirmed'), operationOf('confirmed', { generation: 2 })] }),
    );
  });

  it.each<MailStatus>(['sent', 'voided', 'undeliverable'])('does not queue a mail again that is %s', (status) => {
    const known = correspondenceWith({ confirmation: mailFor('confirmed', { status }) });
    expect(requestMail(known, requestFor('confirmed', again)).confirmation?.status).toBe(status);
  });
});

describe('a cancellation', () => {
  it('voids a confirmation that is not sent yet', () => {
    const known = correspondenceWith({ confirmation: mailFor('confirmed') });
    expect(requestMail(known, requestFor('cancelled'))).toMatchObject({
      confirmation: { status: 'voided' },
      cancellation: { status: 'queued' },
    });
  });

  it.each<MailStatus>(['sent', 'undeliverable'])('leaves a confirmation that is %s', (status) => {
    const known = correspondenceWith({ confirmation: mailFor('confirmed', { status }) });
    expect(requestMail(known, requestFor('cancelled'))).toMatchObject({
      confirmation: { status },
      cancellation: { status: 'queued' },
    });
  });

  it('voids the confirmation that comes after it', () => {
    const known = requestMail(null, requestFor('cancelled'));
    expect(requestMail(known, requestFor('confirmed'))).toMatchObject({
      confirmation: { status: 'voided' },
      cancellation: { status: 'queued' },
    });
  });
});

describe('what the mail server says', () => {
  it.each(['sent', 'undeliverable'] as const)('ends a queued mail as %s', (status) => {
    const known = correspondenceWith({ cancellation: mailFor('cancelled') });
    expect(settleMail(known, 'cancelled', status).cancellation).toEqual(mailFor('cancelled', { status }));
  });

  it.each<MailStatus>(['sent', 'voided', 'undeliverable'])('changes nothing of a mail that is %s', (status) => {
    const known = correspondenceWith({ confirmation: mailFor('confirmed', { status }) });
    for (const said of ['sent', 'undeliverable'] as const) expect(settleMail(known, 'confirmed', said)).toBe(known);
  });

  it('changes nothing of a mail that nobody asked for, or of the other one', () => {
    const known = correspondenceWith({ confirmation: mailFor('confirmed') });
    expect(settleMail(known, 'cancelled', 'sent')).toBe(known);
  });
});

describe('requests and answers in whatever order', () => {
  const acts = fc.array(
    fc.record({
      template: fc.constantFrom('confirmed' as const, 'cancelled' as const),
      act: fc.constantFrom('request' as const, 'sent' as const, 'undeliverable' as const),
    }),
    { maxLength: 12 },
  );

  it('decide each mail once, and never leave a confirmation to be sent after the cancellation was asked for', () => {
    fc.assert(
      fc.property(acts, (sequence) => {
        let known: Correspondence | null = null;
        for (const { template, act } of sequence) {
          const before: Correspondence | null = known;
          if (act === 'request') known = requestMail(known, requestFor(template));
          else if (known !== null) known = settleMail(known, template, act);
          if (known === null) continue;
          for (const each of ['confirmed', 'cancelled'] as const) {
            const was = before && mailOf(before, each);
            expect(mailOf(known, each)?.status).toBe(was && isDecided(was) ? was.status : mailOf(known, each)?.status);
          }
          expect([known.cancellation === null, known.confirmation?.status]).not.toEqual([false, 'queued']);
        }
      }),
    );
  });
});
