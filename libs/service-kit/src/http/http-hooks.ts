import type { FastifyInstance } from 'fastify';
import { PROBLEM_CONTENT_TYPE, toProblemDocument } from './problem-document.js';
import { problemContext } from './problem.filter.js';
import { Problem } from './problem.js';

/** What applies to every route, kept in a few hooks because each request pays for each of them. */
export function addHttpHooks(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-content-type-options', 'nosniff').header('cache-control', 'no-store');
    const isHostMissing = request.raw.httpVersionMinor === 1 && request.headers.host === undefined;
    done(isHostMissing ? new Problem('invalid-request', { detail: 'The Host header is missing.' }) : undefined);
  });

  // Nest's own 503 while the process shuts down is plain JSON; callers get it as a problem like every other refusal.
  server.addHook('onSend', (request, reply, payload, done) => {
    if (payload !== NEST_CLOSING_BODY) return done(null, payload);
    const closing = new Problem('unavailable', {
      detail: 'The service is shutting down; the request was not handled.',
      headers: { 'Retry-After': '1' },
    });
    const problem = toProblemDocument(closing, problemContext(request));
    void reply.headers(problem.headers).header('content-type', PROBLEM_CONTENT_TYPE);
    done(null, problem.body);
  });

  // `@RouteConfig({ bodyLimit })` alone does nothing: Fastify reads the limit from the route itself.
  server.addHook('onRoute', (route) => {
    const limit = bodyLimitOf(route.config);
    if (limit !== undefined) route.bodyLimit = limit;
  });
}

const NEST_CLOSING_BODY = JSON.stringify({
  error: 'Service Unavailable',
  message: 'Service Unavailable',
  statusCode: 503,
});

function bodyLimitOf(config: unknown): number | undefined {
  if (typeof config !== 'object' || config === null || !('bodyLimit' in config)) return undefined;
  return typeof config.bodyLimit === 'number' ? config.bodyLimit : undefined;
}
