import type { DynamicModule } from '@nestjs/common';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { DataSource } from 'typeorm';
import { databaseIndicator } from './health/database-indicator.js';
import { HealthRegistry, type HealthReport } from './health/health-registry.js';
import { createHttpApp } from './http/create-http-app.js';
import { listenHttp } from './http/listen-http.js';
import type { JsonLogger } from './logging/json-logger.js';
import { PeriodicTask, type PeriodicTaskOptions } from './periodic-task.js';
import type { RunningService } from './run-service.js';

/** The parts of a service that talks over HTTP and messages, in the order in which they depend on each other. */
export interface ServiceParts {
  readonly name: string;
  readonly database: DataSource;
  readonly messaging: {
    readonly transport: CustomTransportStrategy & { state(): string };
    readonly agents: readonly PeriodicTaskOptions[];
    start(): void;
    stop(): Promise<void>;
  };
  /** Work that outlives the delivery that began it. */
  readonly work?: { stop(): Promise<void> };
  readonly agents: readonly PeriodicTaskOptions[];
  readonly module: DynamicModule;
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
  const { name, database, messaging, work, agents, module } = parts;
  const tasks = [...messaging.agents, ...agents].map((agent) => new PeriodicTask(agent));
  const app = await createHttpApp(module, { service: name, logger });
  const health = app.get(HealthRegistry);
  health.register(databaseIndicator(database));
  health.register({ name: 'broker', decidesReadiness: false, check: () => brokerReport(messaging.transport.state()) });

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

function brokerReport(state: string): HealthReport {
  return { isUp: state === 'up', detail: { state } };
}
