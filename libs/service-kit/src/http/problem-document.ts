import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { isConnectionError } from '../database/database-error.js';
import { problemKind, slugOfStatus, slugOfType, typeOf, type OperationAnswer } from './problem-catalogue.js';
import { Problem } from './problem.js';

/** A problem as it is sent: RFC 9457, as text, so that a stored answer and a sent one are the same bytes. */
export interface ProblemDocument {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

/** What the document repeats of the request it answers. */
export interface ProblemContext {
  readonly instance: string;
  readonly hasIdempotencyKey: boolean;
}

/**
 * Turns any error into a problem. Errors of ours, of Nest and of Fastify keep their status; a database that cannot be reached is
 * `unavailable`; everything else is a bare 500 that tells the caller nothing about our inside.
 */
export function toProblemDocument(error: unknown, context: ProblemContext): ProblemDocument {
  const { document, headers } = describe(error);
  const operation = answerAboutOperation(document, context);
  const body = JSON.stringify({ ...document, instance: context.instance, ...operation });
  return { status: document.status, headers, body };
}

interface Described {
  readonly document: Readonly<Record<string, unknown>> & { readonly type: string; readonly status: number };
  readonly headers: Readonly<Record<string, string>>;
}

function describe(error: unknown): Described {
  if (error instanceof HttpException) return describeHttpException(error);
  if (isConnectionError(error)) return describeHttpException(unreachableDatabase(error));
  const status = statusOfPlainError(error);
  return status === undefined
    ? describeStatus(500, undefined)
    : describeStatus(status, error instanceof Error ? error.message : undefined);
}

function describeHttpException(error: HttpException): Described {
  const response = error.getResponse();
  const status = error.getStatus();
  if (typeof response === 'object' && 'type' in response && typeof response.type === 'string') {
    return { document: { ...response, type: response.type, status }, headers: headersOf(error) };
  }
  return describeStatus(status, status >= 500 ? undefined : error.message);
}

/** One second: a restarted database is back after about that time, and callers back off further by themselves. */
const RETRY_AFTER_S = '1';

function unreachableDatabase(cause: unknown): Problem {
  return new Problem('unavailable', {
    detail: 'The database cannot be reached. Whether the operation was done is unknown.',
    headers: { 'Retry-After': RETRY_AFTER_S },
    cause,
  });
}

function describeStatus(status: number, detail: string | undefined): Described {
  const slug = slugOfStatus(status);
  const type = slug === undefined ? 'about:blank' : typeOf(slug);
  const title = slug === undefined ? (STATUS_CODES[status] ?? 'Error') : problemKind(slug).title;
  const headers = status === 503 || status === 429 ? { 'Retry-After': RETRY_AFTER_S } : {};
  return { document: { type, title, status, ...(detail === undefined || detail === '' ? {} : { detail }) }, headers };
}

function headersOf(error: HttpException): Readonly<Record<string, string>> {
  if (!('headers' in error) || typeof error.headers !== 'object' || error.headers === null) return {};
  return Object.fromEntries(
    Object.entries(error.headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** Fastify's plugins throw plain errors with a statusCode. A plain error that claims a 5xx is treated as what it is: unexpected. */
function statusOfPlainError(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return undefined;
  return error.statusCode >= 400 && error.statusCode < 500 ? error.statusCode : undefined;
}

/**
 * What became of the operation, added where a key was sent and the thrower did not say it. A missing key is answered too: the
 * caller has to know that nothing happened.
 */
function answerAboutOperation(document: Described['document'], context: ProblemContext): Partial<OperationAnswer> {
  const slug = slugOfType(document.type);
  const isAnswerable = context.hasIdempotencyKey || slug === 'key-missing';
  if (!isAnswerable || 'operationState' in document) return {};
  if (slug !== undefined) return problemKind(slug).operation ?? {};
  return document.status >= 500 ? { operationState: 'unknown', safeNewKey: false } : {};
}
