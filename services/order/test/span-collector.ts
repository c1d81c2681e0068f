import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { z } from 'zod';

export interface SeenSpan {
  /** `payment provider capture`: the service and what it did. */
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
}

const Attributes = z.array(z.object({ key: z.string(), value: z.object({ stringValue: z.string() }) }));
const Span = z.object({
  name: z.string(),
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
});
const Posted = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: Attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(Span) })),
    }),
  ),
});

/** An OpenTelemetry collector that keeps what services post to it. */
export class SpanCollector {
  readonly spans: SeenSpan[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      void json(request).then((body) => {
        this.keep(Posted.parse(body));
        response.end('{}');
      });
    });
  }

  static async start(): Promise<SpanCollector> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new SpanCollector(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The span and those that it stands under, from the inside out; ends with the id that nobody here knows. */
  pathOf(spanId: string): readonly string[] {
    const span = this.spans.find((candidate) => candidate.spanId === spanId);
    if (span === undefined) return [spanId];
    return [span.name, ...(span.parentSpanId === undefined ? [] : this.pathOf(span.parentSpanId))];
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private keep({ resourceSpans }: z.infer<typeof Posted>): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? 'nobody';
      for (const { name, traceId, spanId, parentSpanId } of scopeSpans.flatMap(({ spans }) => spans))
        this.spans.push({ name: `${service} ${name}`, traceId, spanId, parentSpanId });
    }
  }
}
