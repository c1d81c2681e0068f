import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { IdempotencyProblem } from './idempotency-problem.js';

/**
 * Sends the refusals of the request door with their headers, as `application/problem+json`. For applications without a
 * filter of their own for problem documents; both of Nest's HTTP adapters serve.
 */
@Catch(IdempotencyProblem)
export class IdempotencyProblemFilter implements ExceptionFilter<IdempotencyProblem> {
  constructor(private readonly host: HttpAdapterHost) {}

  catch(problem: IdempotencyProblem, context: ArgumentsHost): void {
    const { httpAdapter } = this.host;
    const reply: unknown = context.switchToHttp().getResponse();
    for (const [name, value] of Object.entries(problem.headers)) httpAdapter.setHeader(reply, name, value);
    httpAdapter.setHeader(reply, 'Content-Type', 'application/problem+json; charset=utf-8');
    httpAdapter.reply(reply, JSON.stringify(problem.getResponse()), problem.getStatus());
  }
}
