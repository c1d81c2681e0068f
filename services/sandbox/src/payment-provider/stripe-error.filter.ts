import { STATUS_CODES } from 'node:http';
import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { answerOf, replyWith } from './reply.js';
import { invalidRequest, stripeErrors } from './stripe-error.js';

/** Whatever goes wrong below /v1 is told in Stripe's form: the SDK takes any other body for a success. */
@Catch()
export class StripeErrorFilter implements ExceptionFilter {
  private readonly log = new Logger(StripeErrorFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<FastifyReply>();
    if (response.sent || response.raw.destroyed) return;
    const status = error instanceof HttpException ? error.getStatus() : 500;
    if (status >= 500) this.log.error({ message: 'call failed', error });
    const stripeError = status >= 500 ? stripeErrors.internal : invalidRequest(messageOf(error, status), {}, status);
    const reply = replyWith(answerOf(stripeError));
    if (reply.kind === 'answer') void response.code(reply.status).headers(reply.headers).send(reply.body);
  }
}

const messageOf = (error: unknown, status: number): string =>
  error instanceof Error ? error.message : (STATUS_CODES[status] ?? 'Error');
