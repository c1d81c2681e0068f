import { trace } from '@opentelemetry/api';
import { PeriodicTask } from '../periodic-task.js';
import { OtlpSpans } from './otlp-spans.js';

/** Posts the spans of this process to the collector, if one is named. A registered OpenTelemetry SDK comes first. */
export function exportSpans(service: string, processName: string, endpoint: string): { stop(): Promise<void> } {
  if (endpoint === '') return { stop: async () => {} };
  const spans = new OtlpSpans({ endpoint, service, processName });
  if (!trace.setGlobalTracerProvider(spans)) return { stop: async () => {} };
  const task = new PeriodicTask({ name: 'spans', intervalMs: POST_INTERVAL_MS, runOnce: () => spans.runOnce() });
  task.start();
  return {
    stop: async () => {
      await task.stop();
      await spans.runOnce();
      trace.disable();
    },
  };
}

/** Soon enough for whoever watches an order, and one small request per second. */
const POST_INTERVAL_MS = 1_000;
