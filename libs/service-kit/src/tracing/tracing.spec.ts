import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mintTraceparent, traceIdOf } from './traceparent.js';
import { beginWork, traced } from './tracing.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${TRACE_ID}-b7ad6b7169203331-01`;

afterEach(() => trace.disable());

describe('a trace', () => {
  it('is passed on as it came when nobody records spans', () => {
    expect(beginWork('work', 'server', PARENT).traceparent).toBe(PARENT);
  });

  it.each([null, undefined, '', 'garbage', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, `ff${PARENT.slice(2)}`])(
    'begins where none came: %s',
    (parent) => {
      const { traceparent } = beginWork('work', 'server', parent);
      expect(traceparent).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-01$/);
      expect(traceIdOf(traceparent)).not.toBe(TRACE_ID);
    },
  );

  it('may come with what a later version of the format adds', () => {
    expect(traceIdOf(`01-${PARENT.slice(3)}-more`)).toBe(TRACE_ID);
    expect(traceIdOf(mintTraceparent())).toHaveLength(32);
  });

  it('is told to its work', async () => {
    expect(await traced('work', 'server', PARENT, {}, async (traceparent) => traceparent)).toBe(PARENT);
  });
});

describe('spans', () => {
  const recorded = new InMemorySpanExporter();

  beforeEach(() => {
    recorded.reset();
    trace.setGlobalTracerProvider(
      new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: recorded })] }),
    );
  });

  it('have their parent, kind, attributes and failure', async () => {
    const refused = traced('inner', 'client', PARENT, { 'once.order.id': 'o-1' }, () =>
      Promise.reject(new Error('no')),
    );
    await expect(refused).rejects.toThrow('no');
    const [span, ...others] = recorded.getFinishedSpans();
    expect(others).toEqual([]);
    expect(span).toMatchObject({
      name: 'inner',
      kind: SpanKind.CLIENT,
      attributes: { 'once.order.id': 'o-1' },
      status: { code: SpanStatusCode.ERROR, message: 'no' },
      parentSpanContext: { spanId: 'b7ad6b7169203331' },
    });
    expect(span?.spanContext().traceId).toBe(TRACE_ID);
  });

  it('hand their own id on, within the trace that came', () => {
    const { traceparent } = beginWork('work', 'server', PARENT);
    expect(traceIdOf(traceparent)).toBe(TRACE_ID);
    expect(traceparent).not.toBe(PARENT);
  });

  it('are not recorded of a trace that its sender does not record, which is passed on as it came', () => {
    const unsampled = `${PARENT.slice(0, -2)}00`;
    const work = beginWork('work', 'server', unsampled);
    work.end();
    expect([work.traceparent, recorded.getFinishedSpans()]).toEqual([unsampled, []]);
  });
});
