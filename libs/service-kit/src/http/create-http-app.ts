import { StandardSchemaValidationPipe, type DynamicModule, type LoggerService, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { HealthModule } from '../health/health.module.js';
import { Metrics } from '../metrics/metrics.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { answerUnparsed, answerUnrouted } from './answer-unrouted.js';
import { drainConnections } from './drain-connections.js';
import { addHttpHooks } from './http-hooks.js';
import { measureRequests } from './measure-requests.js';
import { ProblemFilter } from './problem.filter.js';
import { ProblemsController } from './problems.controller.js';
import { serveOpenApi } from './serve-open-api.js';
import { traceRequests } from './trace-requests.js';
import { invalidRequest } from './validate.js';

export interface HttpAppOptions {
  /** Names the service in its documentation. */
  readonly service: string;
  readonly logger?: LoggerService | false;
  /** Body types this service reads. Everything else is answered 415. */
  readonly bodyTypes?: readonly string[];
  /** Shown at /metrics. Standard: a registry of its own. */
  readonly metrics?: Metrics;
}

/** No request of ours is larger; a route that needs more or less says so with `@RouteConfig({ bodyLimit })`. */
const BODY_MAX_BYTES = 64 * 1024;

/** Longer than a load balancer keeps its idle connections (60 s as a rule), so that it is never the server who hangs up first. */
const KEEP_ALIVE_MS = 65_000;

/** A whole request must have arrived by then. Fastify's own standard is never, which lets slow senders occupy a server for free. */
const REQUEST_MS = 30_000;
const HEADERS_MS = 10_000;

/** Node looks for overdue requests this often; its own standard of 30 s would make the 10 s above up to 40. */
const OVERDUE_CHECK_MS = 5_000;

/**
 * Builds the HTTP side of a service: the given module plus what every service has (health, metrics, problem pages, documentation),
 * with every answer that is not a success a problem document.
 *
 * Returns before `init()`, so that a service can connect its message consumers first:
 * createHttpApp → connectMicroservice → app.init() → app.startAllMicroservices() → listenHttp.
 */
export async function createHttpApp(
  module: Type | DynamicModule,
  options: HttpAppOptions,
): Promise<NestFastifyApplication> {
  const metrics = MetricsModule.of(options.metrics ?? new Metrics());
  const app = await NestFactory.create<NestFastifyApplication>(
    { module: HttpRootModule, imports: [module, HealthModule, metrics], controllers: [ProblemsController] },
    createAdapter(),
    {
      rawBody: true,
      bodyParser: false,
      return503OnClosing: true,
      abortOnError: false,
      ...(options.logger === undefined ? {} : { logger: options.logger }),
    },
  );
  readBodies(app, options.bodyTypes ?? ['application/json']);
  app.useGlobalFilters(new ProblemFilter());
  app.useGlobalPipes(new StandardSchemaValidationPipe({ exceptionFactory: invalidRequest }));
  addHttpHooks(app.getHttpAdapter().getInstance());
  drainConnections(app.getHttpAdapter().getInstance());
  traceRequests(app.getHttpAdapter().getInstance());
  measureRequests(app);
  serveOpenApi(app, options.service);
  return app;
}

/** Holds the parts every service has; the service's own module is imported beside them. */
class HttpRootModule {}

function createAdapter(): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: BODY_MAX_BYTES,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_MS,
    // A missing Host header is answered by a hook, as a problem; Node's own answer has no body.
    http: { headersTimeout: HEADERS_MS, connectionsCheckingInterval: OVERDUE_CHECK_MS, requireHostHeader: false },
    // Nest answers while its shutdown hooks run, and goes on until the last request is done; see http-hooks.ts.
    return503OnClosing: false,
    clientErrorHandler: answerUnparsed,
    frameworkErrors: answerUnrouted,
  });
}

/** Fastify reads text/plain by itself and Nest adds forms; a service names what it reads instead. */
function readBodies(app: NestFastifyApplication, bodyTypes: readonly string[]): void {
  app.getHttpAdapter().getInstance().removeAllContentTypeParsers();
  for (const type of bodyTypes) app.useBodyParser(type, { bodyLimit: BODY_MAX_BYTES });
}
