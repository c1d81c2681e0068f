import type { DynamicModule } from '@nestjs/common';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { DataSource } from 'typeorm';
import { databaseIndicator } from './health/database-indicator.js';
import { HealthRegistry, type HealthReport } from './health/health-registry.js';
import { createHttpApp } from './http/create-http-app.js';
import { listenHttp } from './http/listen-http.js';
import type { JsonLogger } from './logging/json-logger.js';
import type { Metrics } from './metrics/metrics.js';
import { PeriodicTask, type PeriodicTaskOptions } from './periodic-task.js';
import type { RunningService } from './run-service.js';

/** The parts of a service that talks over HTTP and messages, in the order in which they depend on each other. */
export interface ServiceParts {
  readonly name: string;
  readonly database: DataSource;
  readonly messaging: {
    readonly transport: CustomTransportStrategy;
    readonly agents: readonly PeriodicTaskOptions[];
    readonly outbox: { state(): { readonly isFull: boolean; readonly rows: number; readonly rowsMax: number } };
    state(): { readonly publisher: string; readonly consumer: string };
    start(): void;
    stop(): Promise<void>;
  };
  /** Work that outlives the delivery that began it. */
  readonly work?: { stop(): Promise<void> };
  readonly agents: readonly PeriodicTaskOptions[];
  readonly module: DynamicModule;
  readonly metrics: Metrics;
}

export interface ServicePlace {
  readonly host: string;
  readonly port: number;
}

/**
 * Starts the parts from the inside out, so that nothing is received before it can be handled, and stops them from the
 * outside in: no new passes, no new requests and deliveries, work in flight, what it still has to send, the database.
 */
export async function serve(parts: ServiceParts, place: ServicePlace, logger: JsonLogger): Promise<RunningService> {
  const { name, database, messaging, work, agents, module, metrics } = parts;
  const tasks = [...messaging.agents, ...agents].map((agent) => new PeriodicTask(agent));
  const app = await createHttpApp(module, { service: name, logger, metrics });
  const health = app.get(HealthRegistry);
  health.register(databaseIndicator(database));
  health.register({ name: 'broker', decidesReadiness: false, check: () => brokerReport(messaging.state()) });
  health.register({ name: 'outbox', decidesReadiness: false, check: () => outboxReport(messaging.outbox.state()) });

  app.connectMicroservice({ strategy: messaging.transport });
  await app.init();
  messaging.start();
  await app.startAllMicroservices();
  for (const task of tasks) task.start();
  const url = await listenHttp(app, place);

  return {
    url,
    stop: async () => {
      await Promise.all(tasks.map((task) => task.stop()));
      await app.close();
      await work?.stop();
      await messaging.stop();
      await database.destroy();
    },
  };
}

function brokerReport(state: { readonly publisher: string; readonly consumer: string }): HealthReport {
  return { isUp: state.publisher === 'up' && state.consumer === 'up', detail: { ...state } };
}

/** Full is not unready: what is in it leaves when the broker comes back, and reading goes on. New orders are refused. */
function outboxReport(state: {
  readonly isFull: boolean;
  readonly rows: number;
  readonly rowsMax: number;
}): HealthReport {
  return { isUp: !state.isFull, detail: { rows: state.rows, rowsMax: state.rowsMax } };
}
