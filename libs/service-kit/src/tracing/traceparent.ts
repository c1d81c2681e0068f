import { randomBytes } from 'node:crypto';
import { isSpanContextValid, type SpanContext } from '@opentelemetry/api';

/** The W3C trace context of some work, as it travels in headers and messages: `00-<trace id>-<span id>-<flags>`. */
export function readTraceparent(text: string | null | undefined): SpanContext | null {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(context) ? context : null;
}

export function writeTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/**
 * A trace that begins here, or the named one where its last span is not known. Marked as sampled, so that whoever exports
 * spans further on keeps them.
 */
export function mintTraceparent(traceId?: string): string {
  const random = randomBytes(24).toString('hex');
  return `00-${traceId ?? random.slice(16)}-${random.slice(0, 16)}-01`;
}

/** What a human searches for. */
export function traceIdOf(traceparent: string | null | undefined): string | null {
  return readTraceparent(traceparent)?.traceId ?? null;
}

/** Version 00, the only one there is; what a later version adds behind it may be ignored. */
const TRACEPARENT = /^(?!ff)[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(?:-.*)?$/;
