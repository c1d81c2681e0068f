import type { FastifyInstance, FastifyRequest } from 'fastify';
import { beginWork, withTrace, type TracedWork } from '../tracing/tracing.js';

/** Every request belongs to the trace that its `traceparent` header names, or begins one. */
export function traceRequests(server: FastifyInstance): void {
  const works = new WeakMap<FastifyRequest, TracedWork>();

  server.addHook('onRequest', (request, _reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    if (!UNTRACED.has(route)) {
      const attributes = { 'http.request.method': request.method, 'http.route': route };
      const { traceparent } = request.headers;
      const parent = typeof traceparent === 'string' ? traceparent : null;
      works.set(request, beginWork(`${request.method} ${route}`, 'server', parent, attributes));
    }
    done();
  });

  // Not earlier: a body is parsed in the context of its socket, which knows nothing of the request.
  server.addHook('preValidation', (request, _reply, done) => {
    const work = works.get(request);
    if (work === undefined) done();
    else withTrace(work.traceparent, done);
  });

  server.addHook('onResponse', (request, reply, done) => {
    works.get(request)?.end(reply.statusCode >= 500 ? `status ${reply.statusCode}` : undefined);
    done();
  });
}

/** Asked every few seconds, by machines. */
const UNTRACED: ReadonlySet<string> = new Set(['/health/live', '/health/ready', '/metrics']);
