/** What belongs to a trace, if anybody began one. */
export interface Traced {
  readonly traceparent?: string;
}

/** Its trace alone, for what it causes. */
export function traceOf({ traceparent }: Traced): Traced {
  return traceparent === undefined ? {} : { traceparent };
}
