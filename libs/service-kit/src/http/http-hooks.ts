import type { FastifyInstance } from 'fastify';
import { PROBLEM_CONTENT_TYPE, toProblemDocument } from './problem-document.js';
import { problemContext } from './problem.filter.js';
import { Problem } from './problem.js';

/** What applies to every route, kept in a few hooks because each request pays for each of them. */
export function addHttpHooks(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    void reply.headers(SECURITY_HEADERS);
    const isHostMissing = request.raw.httpVersionMinor === 1 && request.headers.host === undefined;
    done(isHostMissing ? new Problem('invalid-request', { detail: 'The Host header is missing.' }) : undefined);
  });

  // Nest's own 503 while the process shuts down is plain JSON; callers get it as a problem like every other refusal.
  server.addHook('onSend', (request, reply, payload, done) => {
    if (isPage(reply.getHeader('content-type'))) void reply.header('content-security-policy', PAGE_POLICY);
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

/** An answer is data for the one who asked: nobody caches it, guesses its type, frames it, or runs anything out of it. */
const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** The pages for people (problems, documentation, the sandbox) run what their own service serves, and nothing else. */
const PAGE_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

const isPage = (contentType: unknown): boolean =>
  typeof contentType === 'string' && contentType.startsWith('text/html');

const NEST_CLOSING_BODY = JSON.stringify({
  error: 'Service Unavailable',
  message: 'Service Unavailable',
  statusCode: 503,
});

function bodyLimitOf(config: unknown): number | undefined {
  if (typeof config !== 'object' || config === null || !('bodyLimit' in config)) return undefined;
  return typeof config.bodyLimit === 'number' ? config.bodyLimit : undefined;
}
