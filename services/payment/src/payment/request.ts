import type { Operation } from '@once/contracts';
import { traceOf, type Traced } from '@once/service-kit';
import { answerTo, type Answer } from './answer.js';
import {
  isRequested,
  newPayment,
  type Charge,
  type Payment,
  type PaymentRequest,
  type RequestKind,
} from './payment.js';

export interface ArrivingRequest {
  readonly kind: RequestKind;
  readonly operation: Operation;
  readonly orderId: string;
  /** Only `authorise` says what to collect. */
  readonly charge: Charge | null;
}

/**
 * The payment after a request that was not met before. Every order of arrival is legal: a return before its action leaves
 * the tombstone, an action after it is answered by it.
 */
export function accept(payment: Payment | null, request: ArrivingRequest, trace: Traced = {}): Payment {
  const known: Payment = { ...(payment ?? newPayment(request.orderId)), undecided: null };
  const requests = [
    ...known.requests,
    { kind: request.kind, operation: request.operation, isAnswered: false, ...traceOf(trace) },
  ];
  switch (request.kind) {
    case 'authorise':
      return isRequested(known, 'authorise') || known.goal === 'return'
        ? { ...known, requests }
        : { ...known, requests, charge: request.charge };
    case 'capture':
      // Nothing was authorised, so there is nothing to take: the answer is a definite no.
      return isRequested(known, 'authorise')
        ? { ...known, requests }
        : { ...known, requests, goal: 'return', reason: 'payment_rejected' };
    case 'return':
      return { ...known, requests, goal: 'return' };
  }
}

export interface AnsweredRequest extends Traced {
  readonly kind: RequestKind;
  readonly operation: Operation;
  readonly answer: Answer;
}

/** Answers every open request that the payment, as it is known now, decides; each is answered once. */
export function answerRequests(payment: Payment): { payment: Payment; answered: readonly AnsweredRequest[] } {
  const answered: AnsweredRequest[] = [];
  const requests = payment.requests.map((request) => {
    const answer = request.isAnswered ? null : answerTo(request.kind, payment);
    if (answer === null) return request;
    const { isAnswered: _, ...asked } = request;
    answered.push({ ...asked, answer });
    return { ...request, isAnswered: true };
  });
  return answered.length === 0 ? { payment, answered } : { payment: { ...payment, requests }, answered };
}

/** The open requests that are to hear that nothing decides them so far: each hears of a reason once. */
export function undecidedRequests(before: Payment, after: Payment): readonly PaymentRequest[] {
  if (after.undecided === null || after.undecided === before.undecided) return [];
  return after.requests.filter(({ isAnswered }) => !isAnswered);
}
