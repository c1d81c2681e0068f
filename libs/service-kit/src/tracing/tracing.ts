import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Attributes, type Span } from '@opentelemetry/api';
import { mintTraceparent, readTraceparent, traceIdOf, writeTraceparent } from './traceparent.js';

/**
 * One piece of work of a trace. Spans go to whatever OpenTelemetry SDK the process has registered; without one nothing is
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

/** Runs the work with its trace as the current one, and ends it. */
export async function traced<Result>(
  name: string,
  kind: WorkKind,
  parent: string | null | undefined,
  attributes: Attributes,
  work: () => Promise<Result>,
): Promise<Result> {
  const begun = beginWork(name, kind, parent, attributes);
  try {
    const result = await withTrace(begun.traceparent, work);
    begun.end();
    return result;
  } catch (error) {
    begun.end(error);
    throw error;
  }
}

export function withTrace<Result>(traceparent: string, work: () => Result): Result {
  return current.run(traceparent, work);
}

/** Of the request or delivery that is being handled. Work that is batched or resumed later must carry its own. */
export function currentTraceparent(): string | null {
  return current.getStore() ?? null;
}

export function currentTraceId(): string | null {
  return traceIdOf(currentTraceparent());
}

const current = new AsyncLocalStorage<string>();

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
