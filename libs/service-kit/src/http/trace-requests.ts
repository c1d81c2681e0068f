import type { FastifyInstance } from 'fastify';
import { beginWork, type TracedWork } from '../tracing/tracing.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The trace it belongs to. Null on routes that nobody follows. */
    work: TracedWork | null;
  }
}

/** Every request belongs to the trace that its `traceparent` header names, or begins one; see the `@Trace()` parameter. */
export function traceRequests(server: FastifyInstance): void {
  server.decorateRequest('work', null);

  server.addHook('onRequest', (request, _reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    if (!UNTRACED.has(route)) {
      const attributes = { 'http.request.method': request.method, 'http.route': route };
      const { traceparent } = request.headers;
      const parent = typeof traceparent === 'string' ? traceparent : null;
      request.work = beginWork(`${request.method} ${route}`, 'server', parent, attributes);
    }
    done();
  });

  server.addHook('onResponse', (request, reply, done) => {
    request.work?.end(reply.statusCode >= 500 ? `status ${reply.statusCode}` : undefined);
    done();
  });
}

/** Asked every few seconds, by machines. */
const UNTRACED: ReadonlySet<string> = new Set(['/health/live', '/health/ready', '/metrics']);
