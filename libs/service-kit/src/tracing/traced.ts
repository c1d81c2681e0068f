import { currentTraceparent } from './tracing.js';

/** What belongs to a trace, if anybody began one. */
export interface Traced {
  readonly traceparent?: string;
}

/** Its trace alone, for what it causes. */
export function traceOf({ traceparent }: Traced): Traced {
  return traceparent === undefined ? {} : { traceparent };
}

/** The trace of the work that is being done, for what is decided later, in a batch. */
export function currentTrace(): Traced {
  const traceparent = currentTraceparent();
  return traceparent === null ? {} : { traceparent };
}
