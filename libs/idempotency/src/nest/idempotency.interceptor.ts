import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { catchError, map, throwError, type Observable } from 'rxjs';
import { OperationInProgressError, OutcomeUnknownError } from '../errors.js';
import type { RequestAnswer } from '../request/request-door.js';
import { REPLAYED_HEADERS, type StoredResponse } from '../request/stored-response.js';
import { keyPurged, keyReused, operationInProgress, outcomeUnknown } from './idempotency-problem.js';

/**
 * Sends the RequestAnswer that a handler returns. The body is emitted as the string that was stored, so what is stored is
 * what is sent; a replay is marked in its headers and never signalled by anything the client sent.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly host: HttpAdapterHost) {}

  intercept(context: ExecutionContext, next: CallHandler<RequestAnswer>): Observable<string> {
    const reply: unknown = context.switchToHttp().getResponse();
    return next.handle().pipe(
      catchError((error: unknown) => throwError(() => toProblem(error))),
      map((answer) => {
        switch (answer.kind) {
          case 'response':
            return this.send(reply, answer.response, answer.isReplay);
          case 'mismatched':
            throw keyReused(answer.isFinished);
          case 'purged':
            throw keyPurged(answer.location);
        }
      }),
    );
  }

  private send(reply: unknown, response: StoredResponse, isReplay: boolean): string {
    const { httpAdapter } = this.host;
    httpAdapter.status(reply, response.status);
    for (const name of REPLAYED_HEADERS) {
      const value = response.headers[name];
      if (value !== undefined) httpAdapter.setHeader(reply, name, value);
    }
    if (isReplay) httpAdapter.setHeader(reply, 'Idempotent-Replayed', 'true');
    return response.body;
  }
}

function toProblem(error: unknown): unknown {
  if (error instanceof OperationInProgressError) return operationInProgress();
  if (error instanceof OutcomeUnknownError) return outcomeUnknown();
  return error;
}
