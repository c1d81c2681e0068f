import type { Decision } from '../atomic-executor.js';
import { encounter } from '../encounter.js';
import { FINISHED, type IdempotencyRecord, type NewRecord } from '../idempotency-record.js';

/** An answer as it was sent first, and as every repeat gets it, byte for byte. */
export interface StoredResponse {
  readonly status: number;
  /** Only headers that describe the answer itself, in lower case; never Set-Cookie or Date. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type RequestAnswer =
  | { readonly kind: 'response'; readonly response: StoredResponse; readonly isReplay: boolean }
  /** The key was first used for another request. */
  | { readonly kind: 'mismatched'; readonly isFinished: boolean }
  /** The key was used, and its answer is past its retention: never executed again. */
  | { readonly kind: 'purged'; readonly location: string };

/** A request as the record knows it. */
export interface IdentifiedRequest {
  /** Account, method, route template and path parameters: the same key elsewhere is another key. */
  readonly scope: string;
  readonly key: string;
  /** Of the validated business fields. */
  readonly fingerprint: string;
}

export interface RequestWork<Change> {
  /** The request is met for the first time: what it answers, what it is about, and the change that carries its record. */
  perform(): {
    readonly response: StoredResponse;
    readonly subject: string;
    readonly change: (record: NewRecord) => Change;
  };
}

/** The door through which an HTTP request with a key enters: the decision for one arrival. Pure. */
export function decideRequest<Change>(
  record: IdempotencyRecord | null,
  request: IdentifiedRequest,
  retentionMs: number,
  work: RequestWork<Change>,
): Decision<Change, RequestAnswer> {
  if (record !== null && record.ageMs > retentionMs) {
    return { kind: 'answer', answer: { kind: 'purged', location: locationOf(record) } };
  }
  const met = encounter(record, request.fingerprint);
  switch (met.kind) {
    case 'mismatched':
      return { kind: 'answer', answer: met };
    case 'finished':
      return { kind: 'answer', answer: { kind: 'response', response: met.outcome as StoredResponse, isReplay: true } };
    case 'in-progress':
      // An atomic record is committed together with its outcome, so one without is not of this door.
      throw new Error(`The record of ${request.scope} has no outcome.`);
    case 'new': {
      const { response, subject, change } = work.perform();
      const newRecord: NewRecord = { ...request, subject, recoveryPoint: FINISHED, outcome: response };
      return {
        kind: 'change',
        change: change(newRecord),
        answer: { kind: 'response', response, isReplay: false },
      };
    }
  }
}

function locationOf(record: IdempotencyRecord): string {
  const outcome = record.outcome as StoredResponse | null;
  return outcome?.headers['location'] ?? '';
}
