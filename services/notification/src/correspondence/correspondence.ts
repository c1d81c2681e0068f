import type { Operation } from '@once/contracts';
import { traceOf, type Traced } from '@once/service-kit';

/**
 * What one order's customer is told: at most one mail per transition of the order. A cancellation voids a confirmation
 * that was not sent yet, and one that comes later is void from the start.
 */
export interface Correspondence {
  readonly orderId: string;
  readonly confirmation: Mail | null;
  readonly cancellation: Mail | null;
  /** Counts the committed changes; 0 is a row that is not stored yet. */
  readonly version: number;
}

export const TEMPLATES = ['confirmed', 'cancelled'] as const;
export type Template = (typeof TEMPLATES)[number];

/** Belongs to the trace in which it was asked for first, and so do its replies. */
export interface Mail extends Traced {
  readonly status: MailStatus;
  readonly to: string;
  readonly amount: number;
  readonly currency: string;
  readonly reason: string | null;
  /** Every operation that asked for this mail; each is answered once the mail is decided. */
  readonly operations: readonly Operation[];
}

/** `queued` is the only state that sends; the others are final. */
export type MailStatus = 'queued' | 'sent' | 'voided' | 'undeliverable';

/** A participant's answer: a mailbox that refuses for good ends the step as well, and changes no money. */
export const isDecided = (mail: Mail): boolean => mail.status !== 'queued';

export function mailOf(correspondence: Correspondence, template: Template): Mail | null {
  return template === 'confirmed' ? correspondence.confirmation : correspondence.cancellation;
}

function withMail(correspondence: Correspondence, template: Template, mail: Mail): Correspondence {
  return template === 'confirmed'
    ? { ...correspondence, confirmation: mail }
    : { ...correspondence, cancellation: mail };
}

export interface MailRequest {
  readonly template: Template;
  readonly orderId: string;
  readonly operation: Operation;
  readonly to: string;
  readonly amount: number;
  readonly currency: string;
  readonly reason: string | null;
}

/** The correspondence after a request that was not met before. */
export function requestMail(stored: Correspondence | null, request: MailRequest, trace: Traced = {}): Correspondence {
  const known = stored ?? { orderId: request.orderId, confirmation: null, cancellation: null, version: 0 };
  const asked = mailOf(known, request.template);
  const mail: Mail =
    asked === null
      ? {
          status: request.template === 'confirmed' && known.cancellation !== null ? 'voided' : 'queued',
          to: request.to,
          amount: request.amount,
          currency: request.currency,
          reason: request.reason,
          operations: [request.operation],
          ...traceOf(trace),
        }
      : { ...asked, operations: [...asked.operations, request.operation] };
  const next = withMail(known, request.template, mail);
  return request.template === 'cancelled' ? voidUnsentConfirmation(next) : next;
}

function voidUnsentConfirmation(correspondence: Correspondence): Correspondence {
  const { confirmation } = correspondence;
  if (confirmation === null || confirmation.status !== 'queued') return correspondence;
  return { ...correspondence, confirmation: { ...confirmation, status: 'voided' } };
}

/** What the mail server said of a mail. Only a queued mail changes; a voided one that was under way stays voided. */
export function settleMail(
  correspondence: Correspondence,
  template: Template,
  status: 'sent' | 'undeliverable',
): Correspondence {
  const mail = mailOf(correspondence, template);
  return mail === null || mail.status !== 'queued'
    ? correspondence
    : withMail(correspondence, template, { ...mail, status });
}
