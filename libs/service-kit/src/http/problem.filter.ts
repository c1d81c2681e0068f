import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { traceIdOf } from '../tracing/traceparent.js';
import { PROBLEM_CONTENT_TYPE, toProblemDocument, type ProblemContext } from './problem-document.js';

/** Answers every error behind a route with a problem document. What never reaches a route is answered in answer-unrouted.ts. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (isClientGone(error, reply)) return;

    const problem = toProblemDocument(error, problemContext(request));
    if (problem.status >= 500)
      this.log.error({
        message: 'request failed',
        method: request.method,
        path: request.url,
        traceId: traceIdOf(request.work?.traceparent),
        status: problem.status,
        error,
      });
    if (isUnsendableHeader(error)) removeHeaders(reply);
    // A Buffer, because Fastify appends a charset to the content type of a string.
    void reply
      .code(problem.status)
      .headers(problem.headers)
      .header('content-type', PROBLEM_CONTENT_TYPE)
      .send(Buffer.from(problem.body));
  }
}

export function problemContext(request: FastifyRequest): ProblemContext {
  return { instance: pathOf(request.url), hasIdempotencyKey: request.headers['idempotency-key'] !== undefined };
}

/** Without the query: it may carry what the caller would not want to see in a log of problems. */
const pathOf = (url: string): string => url.split('?', 1)[0] ?? url;

/** A client that hangs up while its body arrives surfaces here as "aborted"; there is nobody left to answer. */
function isClientGone(error: unknown, reply: FastifyReply): boolean {
  const isAborted =
    error instanceof Error && error.message === 'aborted' && 'code' in error && error.code === 'ECONNRESET';
  return isAborted || reply.sent || reply.raw.headersSent || reply.raw.destroyed;
}

/** A header that Node refuses to send would make the problem about it fail in the same way. */
const isUnsendableHeader = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_INVALID_CHAR';

function removeHeaders(reply: FastifyReply): void {
  for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name);
}
