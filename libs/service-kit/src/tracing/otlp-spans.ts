import { diag, DiagLogLevel, trace, type DiagLogger } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

/**
 * OpenTelemetry's SDK, set up to record the spans of this process and to post them to a collector, as OTLP over HTTP. (Its
 * second major version: the third needs Node 22.)
 *
 * Telemetry never gets in the way: memory is bounded, a collector that is away costs the spans of that time, and the end of
 * the process waits for it no longer than POST_MS.
 */
export function recordSpans({ endpoint, service, processName, logger }: OtlpOptions): SpanRecording | undefined {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
    timeoutMillis: POST_MS,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.instance.id': processName }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter,
        scheduledDelayMillis: POST_INTERVAL_MS,
        exportTimeoutMillis: POST_MS,
        maxQueueSize: SPANS_MAX,
      }),
    ],
  });
  if (!trace.setGlobalTracerProvider(provider)) return undefined;
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  return {
    stop: async () => {
      trace.disable();
      await provider.shutdown().catch((error: unknown) => logger.warn(String(error)));
      diag.disable();
    },
  };
}

export interface OtlpOptions {
  /** Base address of the collector; the path of traces is added. */
  readonly endpoint: string;
  readonly service: string;
  readonly processName: string;
  /** Told what the SDK could not do. */
  readonly logger: DiagLogger;
}

export interface SpanRecording {
  /** Posts what has not been posted yet. */
  stop(): Promise<void>;
}

/** Soon enough for whoever watches an order, and one small request per second. */
const POST_INTERVAL_MS = 1_000;

/** A collector stands nearby; and a process must end within seconds, whether it answers or not. */
const POST_MS = 2_000;

/** A second of spans at full speed, about a megabyte; what exceeds it is not recorded. */
const SPANS_MAX = 5_000;
