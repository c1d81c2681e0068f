import { trace } from '@opentelemetry/api';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { OtlpSpans } from './otlp-spans.js';
import { mintTraceparent, traceIdOf } from './traceparent.js';
import { beginWork, currentTraceId, currentTraceparent, traced } from './tracing.js';

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

  it('is current while its work runs, and in nothing else', async () => {
    const seen = await traced('work', 'server', PARENT, {}, async () => {
      await Promise.resolve();
      return [currentTraceparent(), currentTraceId()];
    });
    expect(seen).toEqual([PARENT, TRACE_ID]);
    expect(currentTraceparent()).toBeNull();
  });
});

describe('spans', () => {
  it('are posted to the collector with their parents, kinds and failures', async () => {
    const posted: unknown[] = [];
    const post = vi.spyOn(globalThis, 'fetch').mockImplementation(async (_url, init) => {
      if (typeof init?.body === 'string') posted.push(JSON.parse(init.body));
      return new Response('{}');
    });
    const spans = new OtlpSpans({ endpoint: 'http://collector:4318/', service: 'order', processName: 'order-0' });
    trace.setGlobalTracerProvider(spans);
    const refused = traced('inner', 'client', PARENT, { 'once.order.id': 'o-1' }, () =>
      Promise.reject(new Error('no')),
    );
    await expect(refused).rejects.toThrow('no');
    expect(await spans.runOnce()).toEqual({ posted: 1, lost: 0 });
    expect(post.mock.calls[0]?.[0]).toBe('http://collector:4318/v1/traces');
    expect(posted).toMatchObject([
      {
        resourceSpans: [
          {
            resource: { attributes: [{ key: 'service.name', value: { stringValue: 'order' } }, {}] },
            scopeSpans: [
              {
                spans: [
                  {
                    traceId: TRACE_ID,
                    parentSpanId: 'b7ad6b7169203331',
                    name: 'inner',
                    kind: 3,
                    attributes: [{ key: 'once.order.id', value: { stringValue: 'o-1' } }],
                    status: { code: 2, message: 'no' },
                  },
                ],
              },
            ],
          },
        ],
      },
    ]);
    post.mockRestore();
  });

  it('hand their own id on, within the trace that came', () => {
    trace.setGlobalTracerProvider(new OtlpSpans({ endpoint: 'http://nowhere', service: 's', processName: 's-0' }));
    const { traceparent } = beginWork('work', 'server', PARENT);
    expect(traceIdOf(traceparent)).toBe(TRACE_ID);
    expect(traceparent).not.toBe(PARENT);
  });

  it('are lost when the collector is away, and disturb nobody', async () => {
    const post = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('connection refused'));
    const spans = new OtlpSpans({ endpoint: 'http://nowhere', service: 's', processName: 's-0' });
    trace.setGlobalTracerProvider(spans);
    beginWork('work', 'server', null).end();
    expect(await spans.runOnce()).toEqual({ posted: 0, lost: 1 });
    expect(await spans.runOnce()).toEqual({ posted: 0, lost: 0 });
    post.mockRestore();
  });
});
