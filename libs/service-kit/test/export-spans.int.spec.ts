import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { Logger } from '@nestjs/common';
import { trace } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { exportSpans } from '../src/tracing/export-spans.js';
import { traced } from '../src/tracing/tracing.js';

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('the spans of a process', () => {
  const posted: { readonly path: string | undefined; readonly body: unknown }[] = [];
  const log = new Logger('test');
  let answer: (response: ServerResponse) => void;
  let collector: Server;
  let endpoint: string;

  beforeEach(async () => {
    posted.length = 0;
    answer = (response) => response.end('{}');
    collector = createServer((request, response) => {
      void json(request).then((body) => {
        posted.push({ path: request.url, body });
        answer(response);
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    vi.spyOn(log, 'debug').mockImplementation(() => {});
  });
  afterEach(() => {
    trace.disable();
    collector.closeAllConnections();
    collector.close();
  });

  const work = (): Promise<void> => traced('work', 'consumer', PARENT, { 'once.saga.id': 's-1' }, async () => {});

  it('are posted as OTLP over HTTP, at the latest when it ends', async () => {
    const recording = await exportSpans('order', 'order-0', `${endpoint}/`, log);
    await work();
    await recording.stop();
    expect(posted).toMatchObject([
      {
        path: '/v1/traces',
        body: {
          resourceSpans: [
            {
              resource: {
                attributes: [
                  { key: 'service.name', value: { stringValue: 'order' } },
                  { key: 'service.instance.id', value: { stringValue: 'order-0' } },
                ],
              },
              scopeSpans: [{ spans: [{ name: 'work', parentSpanId: 'b7ad6b7169203331', kind: 5 }] }],
            },
          ],
        },
      },
    ]);
  });

  it.each([
    ['is away', () => collector.close()],
    ['never answers', () => (answer = () => {})],
    ['answers with an error', () => (answer = (response) => response.writeHead(500).end())],
  ])('are lost when the collector %s, which delays nothing but the end, by seconds', async (_what, hurt) => {
    hurt();
    const recording = await exportSpans('order', 'order-0', endpoint, log);
    await work();
    const startedMs = performance.now();
    await recording.stop();
    expect(performance.now() - startedMs).toBeLessThan(4_000);
    expect(log.debug).toHaveBeenCalledWith(expect.objectContaining({ message: 'spans not posted' }));
  });

  it('are not recorded when no collector is named', async () => {
    const recording = await exportSpans('order', 'order-0', '', log);
    expect(trace.getTracer('test').startSpan('work').isRecording()).toBe(false);
    await recording.stop();
  });

  it('belong to the SDK that is registered already', async () => {
    const theirs = new TracerProvider();
    trace.setGlobalTracerProvider(theirs);
    const recording = await exportSpans('order', 'order-0', endpoint, log);
    await work();
    await recording.stop();
    expect(posted).toEqual([]);
    expect(trace.getTracer('test').startSpan('work').isRecording()).toBe(true); // still theirs
  });
});
