import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Metrics } from '../metrics/metrics.js';

/** Measures every answer by its route, never by its path: a label per order id would fill the memory of whoever scrapes it. */
export function measureRequests(app: NestFastifyApplication): void {
  const metrics = app.get(Metrics);
  const durations = metrics.durationHistogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last byte of its answer',
    labels: ['method', 'route', 'status'],
  });
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onResponse', (request, reply, done) => {
      const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
      durations.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1_000);
      if (reply.hasHeader('idempotent-replayed')) metrics.idempotency.duplicate('request');
      done();
    });
}
