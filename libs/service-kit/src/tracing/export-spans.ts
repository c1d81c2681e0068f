import type { Logger } from '@nestjs/common';
import type { SpanRecording } from './otlp-spans.js';

/**
 * Posts the spans of this process to the collector, if one is named. A registered OpenTelemetry SDK comes first.
 *
 * Without a collector the SDK is not even loaded, which would be a tenth of a second of each start for nothing.
 */
export async function exportSpans(
  service: string,
  processName: string,
  endpoint: string,
  log: Logger,
): Promise<SpanRecording> {
  if (endpoint === '') return NOTHING;
  const { recordSpans } = await import('./otlp-spans.js');
  const say = (message: string): void => log.debug({ message: 'spans not posted', reason: message });
  const logger = { error: say, warn: say, info: say, debug: say, verbose: say };
  return recordSpans({ endpoint, service, processName, logger }) ?? NOTHING;
}

const NOTHING: SpanRecording = { stop: async () => {} };
