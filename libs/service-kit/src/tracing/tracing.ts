import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Attributes, type Span } from '@opentelemetry/api';
import { mintTraceparent, readTraceparent, writeTraceparent } from './traceparent.js';

/**
 * One piece of work of a trace. It is handed on as an argument and never fetched from ambient context: what is asked for in
 * many traces is decided in one batch, and the hooks by which Node follows a context from promise to promise cost a tenth of
 * a service's CPU. Spans go to whatever OpenTelemetry SDK the process has registered; without one nothing is
 * recorded, and the trace is passed on all the same, since the next process may have one.
 */
export interface TracedWork {
  /** What this work hands on with everything it causes. */
  readonly traceparent: string;
  end(failure?: unknown): void;
}

export type WorkKind = 'server' | 'consumer' | 'client';

export function beginWork(
  name: string,
  kind: WorkKind,
  parent: string | null | undefined,
  attributes: Attributes = {},
): TracedWork {
  const known = readTraceparent(parent);
  const within = known === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, known);
  const span = trace.getTracer('once').startSpan(name, { kind: KINDS[kind], attributes }, within);
  const own = span.isRecording() ? span.spanContext() : known;
  const traceparent = own === null ? mintTraceparent() : writeTraceparent(own);
  return { traceparent, end: (failure) => endSpan(span, failure) };
}

/** Runs the work, tells it its trace, and ends it. */
export async function traced<Result>(
  name: string,
  kind: WorkKind,
  parent: string | null | undefined,
  attributes: Attributes,
  work: (traceparent: string) => Promise<Result>,
): Promise<Result> {
  const begun = beginWork(name, kind, parent, attributes);
  try {
    const result = await work(begun.traceparent);
    begun.end();
    return result;
  } catch (error) {
    begun.end(error);
    throw error;
  }
}

const KINDS = { server: SpanKind.SERVER, consumer: SpanKind.CONSUMER, client: SpanKind.CLIENT } as const;

function messageOf(failure: unknown): string {
  if (typeof failure === 'string') return failure;
  return failure instanceof Error ? failure.message : 'failed';
}

function endSpan(span: Span, failure: unknown): void {
  if (failure !== undefined) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(failure) });
  }
  span.end();
}
