import { Logger } from '@nestjs/common';
import { JsonLogger } from './logging/json-logger.js';
import { Metrics } from './metrics/metrics.js';
import { exportSpans } from './tracing/export-spans.js';
import type { Environment } from './settings/development-values.js';
import type { SettingName } from './settings/setting-definitions.js';
import { SettingsError } from './settings/settings-error.js';
import { readSettings, type ServiceStandards, type Settings } from './settings/settings.js';

/** What a started service gives back: where it is, and how it ends. */
export interface RunningService {
  readonly url: string;
  stop(): Promise<void>;
}

/** Read by every process, whatever else its service reads. */
type ProcessSettingName = 'NODE_ENV' | 'LOG_LEVEL' | 'OTEL_EXPORTER_OTLP_ENDPOINT' | 'HOST' | 'PORT' | 'REPLICA';
const PROCESS_SETTINGS: readonly ProcessSettingName[] = [
  'NODE_ENV',
  'LOG_LEVEL',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'HOST',
  'PORT',
  'REPLICA',
];

export interface StartContext<Names extends SettingName> {
  readonly settings: Settings<Names | ProcessSettingName>;
  readonly logger: JsonLogger;
  /** `order-0`: names this process in database sessions, broker connections and timelines. */
  readonly processName: string;
  readonly metrics: Metrics;
}

export interface ServiceDefinition<Names extends SettingName> {
  readonly name: string;
  readonly settings: readonly Names[];
  /** What an unset variable means in this service, such as its port. */
  readonly standards?: ServiceStandards;
  readonly start: (context: StartContext<Names>) => Promise<RunningService>;
}

/** The parts of `process` that are used, so that a test can stand in for it. */
export interface ProcessHost {
  readonly env: Environment;
  readonly stderr: { write(text: string): unknown };
  exit(code: number): void;
  on(event: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  on(event: 'unhandledRejection' | 'uncaughtException', listener: (error: unknown) => void): unknown;
}

/** Under the 10 s after which `docker stop` kills. A request and a pass in flight take seconds at most; what is cut off is taken over. */
const SHUTDOWN_MAX_MS = 8_000;

/**
 * The life of a process: read the settings, start, say so in one line, and end gracefully on SIGTERM and SIGINT.
 *
 * Exit codes: 0 after a graceful end; 1 when the settings are refused, when the start fails, when the end takes too long, and
 * after an error nobody handled. Dying at any moment is safe: no promise of this system depends on a graceful end.
 */
export async function runService<Names extends SettingName>(
  definition: ServiceDefinition<Names>,
  host: ProcessHost = process,
): Promise<void> {
  const context = readContext(definition, host);
  if (context === undefined) return host.exit(1);
  Logger.overrideLogger(context.logger);
  const log = new Logger(definition.name);
  const die = (error: unknown): void => {
    log.fatal({ message: 'ending after an error that nobody handled', error });
    host.exit(1);
  };
  host.on('unhandledRejection', die);
  host.on('uncaughtException', die);

  try {
    const { otelExporterOtlpEndpoint: collector } = context.settings;
    const telemetry = await exportSpans(definition.name, context.processName, collector, log);
    const service = await definition.start(context);
    const stop = async (): Promise<void> => {
      await service.stop();
      await telemetry.stop();
    };
    endOnSignal({ url: service.url, stop }, host, log);
    log.log({ message: `${definition.name} ready`, url: service.url });
  } catch (error) {
    log.fatal({ message: `${definition.name} could not start`, error });
    host.exit(1);
  }
}

function readContext<Names extends SettingName>(
  definition: ServiceDefinition<Names>,
  host: ProcessHost,
): StartContext<Names> | undefined {
  try {
    const settings = readSettings([...PROCESS_SETTINGS, ...definition.settings], host.env, definition.standards);
    const { replica, logLevel } = readSettings(PROCESS_SETTINGS, host.env, definition.standards);
    const logger = new JsonLogger({ service: definition.name, replica, level: logLevel });
    return { settings, logger, processName: `${definition.name}-${replica}`, metrics: new Metrics() };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    host.stderr.write(`${definition.name}: ${error.message}\n`);
    return undefined;
  }
}

/** A terminal and a launcher may both send a signal for the same end; what comes after the first changes nothing. */
function endOnSignal(service: RunningService, host: ProcessHost, log: Logger): void {
  let ending: Promise<void> | undefined;
  const end = (): void => {
    ending ??= stopWithin(SHUTDOWN_MAX_MS, service, log).then((code) => host.exit(code));
  };
  host.on('SIGTERM', end);
  host.on('SIGINT', end);
}

async function stopWithin(limitMs: number, service: RunningService, log: Logger): Promise<0 | 1> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, limitMs, false);
  });
  try {
    const isStopped = await Promise.race([service.stop().then(() => true), tooLate]);
    if (!isStopped) log.error({ message: 'ending although work is in flight', limitMs });
    return isStopped ? 0 : 1;
  } catch (error) {
    log.error({ message: 'the end failed', error });
    return 1;
  } finally {
    clearTimeout(timer);
  }
}
