import type { Decision } from '../atomic-executor.js';
import { encounter } from '../encounter.js';
import type { IdempotencyRecord, NewRecord } from '../idempotency-record.js';
import { FINISHED } from '../recovery-point.js';
import { BODY_BYTES_MAX, keptResponse, readStoredResponse, type StoredResponse } from './stored-response.js';

export type RequestAnswer =
  | { readonly kind: 'response'; readonly response: StoredResponse; readonly isReplay: boolean }
  /** The key was first used for another request. */
  | { readonly kind: 'mismatched'; readonly isFinished: boolean }
  /** The key was used, and its answer is past its retention: never executed again. `location` names what it made. */
  | { readonly kind: 'purged'; readonly location: string | null };

/** A request as the record knows it. */
export interface IdentifiedRequest {
  /** See requestScope. */
  readonly scope: string;
  readonly key: string;
  /** Of the validated business fields. */
  readonly fingerprint: string;
}

/**
 * Where a key counts: the same key of another account, on another route or with other path parameters is another key.
 * `route` is method and template, such as `POST /orders/{id}/cancel`. Blanks separate the parts and are escaped in them,
 * so that no two requests share a scope because of how an account or a parameter is written.
 */
export function requestScope(account: string, route: string, pathParameters: readonly string[] = []): string {
  const escaped = (part: string): string => part.replaceAll(/[\s%]/g, encodeURIComponent);
  return [escaped(account), route, ...pathParameters.map(escaped)].join(' ');
}

export interface RequestWork<Change> {
  /**
   * The request is met for the first time: what it answers, what it is about, and the change that carries its record. An
   * answer of 5xx is no result: it is sent, its change is not committed, and the key is as good as new.
   */
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
      return {
        kind: 'answer',
        answer: { kind: 'response', response: readStoredResponse(met.outcome), isReplay: true },
      };
    case 'in-progress':
      // An atomic record is committed together with its outcome, so one without is not of this door.
      throw new Error(`The record of ${request.scope} has no outcome.`);
    case 'new': {
      const { response, subject, change } = work.perform();
      if (response.status >= 500) return { kind: 'answer', answer: { kind: 'response', response, isReplay: false } };
      const bytes = Buffer.byteLength(response.body);
      if (bytes > BODY_BYTES_MAX) throw new RangeError(`The answer has ${bytes} bytes; ${BODY_BYTES_MAX} can be kept.`);
      const { scope, key, fingerprint } = request;
      const identity = { scope, key, fingerprint, subject };
      const newRecord: NewRecord = {
        ...identity,
        recoveryPoint: FINISHED,
        outcome: keptResponse(response),
        retentionMs,
      };
      return {
        kind: 'change',
        change: change(newRecord),
        answer: { kind: 'response', response, isReplay: false },
      };
    }
  }
}

function locationOf(record: IdempotencyRecord): string | null {
  return record.outcome === null ? null : (readStoredResponse(record.outcome).headers.location ?? null);
}
