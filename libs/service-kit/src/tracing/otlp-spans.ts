import { randomBytes } from 'node:crypto';
import {
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type AttributeValue,
  type Context,
  type Span,
  type SpanContext,
  type SpanOptions,
  type SpanStatus,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';

/**
 * Records spans and posts them to a collector, in the JSON form of OTLP over HTTP. It does what this system needs of
 * OpenTelemetry's SDK, which would be 63 MB and a second of every start. Whoever wants more registers that SDK instead,
 * with `node --import`: then this one is not used, and no other code knows the difference.
 *
 * Telemetry never gets in the way: a collector that is away costs the spans of that time, never memory or an order.
 */
export class OtlpSpans implements TracerProvider {
  private ended: EndedSpan[] = [];

  constructor(private readonly options: OtlpOptions) {}

  getTracer(): Tracer {
    const startSpan: Tracer['startSpan'] = (name, options, context) => this.start(name, options, context);
    return {
      startSpan,
      startActiveSpan: () => {
        throw new Error('Name the parent of a span; nothing here knows an active one.');
      },
    };
  }

  /** One pass: posts what has ended since the last. Never rejects. */
  async runOnce(): Promise<SpanReport> {
    const spans = this.ended;
    this.ended = [];
    if (spans.length === 0) return { posted: 0, lost: 0 };
    const posted = await this.post(spans).catch(() => false);
    return posted ? { posted: spans.length, lost: 0 } : { posted: 0, lost: spans.length };
  }

  private start(name: string, options: SpanOptions = {}, context?: Context): Span {
    const parent = context === undefined ? undefined : trace.getSpanContext(context);
    return new RecordedSpan(name, options, parent, (span) => {
      if (this.ended.length < SPANS_MAX) this.ended.push(span);
    });
  }

  private async post(spans: readonly EndedSpan[]): Promise<boolean> {
    const resource = {
      attributes: toOtlp({ 'service.name': this.options.service, 'service.instance.id': this.options.processName }),
    };
    const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'once' }, spans }] }] });
    const response = await fetch(`${this.options.endpoint.replace(/\/$/, '')}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(POST_MS),
    });
    await response.arrayBuffer();
    return response.ok;
  }
}

export interface OtlpOptions {
  /** Base address of the collector; the path of traces is added. */
  readonly endpoint: string;
  readonly service: string;
  readonly processName: string;
}

export interface SpanReport {
  readonly posted: number;
  /** The collector did not take them. They are not kept. */
  readonly lost: number;
}

/** A second of spans at full speed, about a megabyte; what exceeds it is not recorded. */
const SPANS_MAX = 5_000;

/** A collector stands nearby. */
const POST_MS = 5_000;

interface EndedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly object[];
  readonly status: object;
}

class RecordedSpan implements Span {
  private readonly context: SpanContext;
  private readonly startedMs = performance.timeOrigin + performance.now();
  private attributes: Attributes;
  private status: SpanStatus = { code: SpanStatusCode.UNSET };
  private isEnded = false;

  constructor(
    private name: string,
    private readonly options: SpanOptions,
    private readonly parent: SpanContext | undefined,
    private readonly record: (span: EndedSpan) => void,
  ) {
    this.attributes = { ...options.attributes };
    this.context = {
      traceId: parent?.traceId ?? randomBytes(16).toString('hex'),
      spanId: randomBytes(8).toString('hex'),
      traceFlags: TraceFlags.SAMPLED,
    };
  }

  spanContext(): SpanContext {
    return this.context;
  }

  setAttribute(key: string, value: AttributeValue): this {
    this.attributes = { ...this.attributes, [key]: value };
    return this;
  }

  setAttributes(attributes: Attributes): this {
    this.attributes = { ...this.attributes, ...attributes };
    return this;
  }

  setStatus(status: SpanStatus): this {
    this.status = status;
    return this;
  }

  updateName(name: string): this {
    this.name = name;
    return this;
  }

  addEvent(): this {
    return this;
  }

  addLink(): this {
    return this;
  }

  addLinks(): this {
    return this;
  }

  recordException(): void {
    // The status says what went wrong; stacks are in the logs, under the same trace id.
  }

  isRecording(): boolean {
    return !this.isEnded;
  }

  end(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    const { traceId, spanId } = this.context;
    this.record({
      traceId,
      spanId,
      ...(this.parent === undefined ? {} : { parentSpanId: this.parent.spanId }),
      name: this.name,
      // OTLP counts kinds from 1, as its 0 means unspecified.
      kind: (this.options.kind ?? 0) + 1,
      startTimeUnixNano: toNanoseconds(this.startedMs),
      endTimeUnixNano: toNanoseconds(performance.timeOrigin + performance.now()),
      attributes: toOtlp(this.attributes),
      status: this.status,
    });
  }
}

function toOtlp(attributes: Attributes): readonly object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: { stringValue: String(value) } }));
}

/** As text: nanoseconds since 1970 are beyond what a number holds exactly. */
function toNanoseconds(ms: number): string {
  return String(BigInt(Math.round(ms * 1_000)) * 1_000n);
}
