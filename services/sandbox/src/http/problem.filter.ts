import { STATUS_CODES } from 'node:http';
import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A request to the sandbox itself that is wrong, with every field that is. */
export class InvalidRequest extends HttpException {
  constructor(readonly errors: readonly { readonly field: string; readonly message: string }[]) {
    super({ errors }, 400);
    this.message = 'Some fields are wrong.';
  }
}

/** Answers in the language of whoever was asked: the provider's below /v1, problem+json elsewhere. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const response = http.getResponse<FastifyReply>();
    if (response.sent || response.raw.destroyed) return;
    const status = error instanceof HttpException ? error.getStatus() : 500;
    if (status >= 500) this.logger.error(error);
    const body = request.url.startsWith('/v1') ? stripeBody(request, status) : problemBody(request, error, status);
    response.code(status).header('content-type', body.contentType).send(body.text);
  }
}

interface Body {
  readonly contentType: string;
  readonly text: string;
}

function stripeBody({ method, url }: FastifyRequest, status: number): Body {
  const isMissing = status === 404;
  const message = isMissing ? `Unrecognized request URL (${method}: ${url}).` : (STATUS_CODES[status] ?? 'Error');
  const error = { type: status >= 500 ? 'api_error' : 'invalid_request_error', message };
  return { contentType: 'application/json', text: JSON.stringify({ error }) };
}

const SLUGS: Readonly<Record<number, string>> = {
  400: 'invalid-request',
  404: 'not-found',
  413: 'payload-too-large',
  415: 'unsupported-media-type',
};

function problemBody({ url }: FastifyRequest, error: unknown, status: number): Body {
  const slug = SLUGS[status];
  const document = {
    type: slug === undefined ? 'about:blank' : `/problems/${slug}`,
    title: STATUS_CODES[status],
    status,
    ...(error instanceof HttpException && status < 500 ? { detail: error.message } : {}),
    instance: url,
    ...(error instanceof InvalidRequest ? { errors: error.errors } : {}),
  };
  return { contentType: 'application/problem+json', text: JSON.stringify(document) };
}
