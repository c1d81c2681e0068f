import { HttpException } from '@nestjs/common';
import { problemKind, typeOf, type ProblemSlug } from './problem-catalogue.js';

export interface ProblemOptions {
  readonly detail: string;
  /** Members beside the standard ones: `errors`, or an `operationState` that differs from the catalogue's. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** `Retry-After`, `Location`, `WWW-Authenticate`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/**
 * An answer from the closed list of problems. Throw it anywhere behind a route; ProblemFilter sends it.
 *
 * A library that must not import this one throws any HttpException whose response is an object with a `type`, and may carry
 * `headers` of the same shape: ProblemFilter treats it alike.
 */
export class Problem extends HttpException {
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly slug: ProblemSlug,
    options: ProblemOptions,
  ) {
    const { status, title } = problemKind(slug);
    super({ type: typeOf(slug), title, status, detail: options.detail, ...options.extra }, status, {
      cause: options.cause,
    });
    this.message = options.detail;
    this.headers = options.headers ?? {};
  }
}
