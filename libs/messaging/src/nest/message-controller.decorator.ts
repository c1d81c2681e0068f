import { applyDecorators, Catch, Controller, StandardSchemaValidationPipe, UseFilters, UsePipes } from '@nestjs/common';
import type { RpcExceptionFilter } from '@nestjs/common';
import { throwError, type Observable } from 'rxjs';
import { InvalidPayloadError } from '../errors.js';

/**
 * A class whose methods handle messages. `@Payload({ schema })` validates against a Standard Schema; a payload that does
 * not match can never succeed and becomes a dead letter.
 */
export function MessageController(): ClassDecorator {
  return applyDecorators(Controller(), UsePipes(payloadPipe), UseFilters(KeepErrors));
}

const payloadPipe = new StandardSchemaValidationPipe({
  exceptionFactory: (issues) =>
    new InvalidPayloadError(
      issues.slice(0, ISSUES_MAX).map(({ path, message }) => `${(path ?? []).map(segmentName).join('.')}: ${message}`),
    ),
});

/** A hostile payload can have as many issues as fields. */
const ISSUES_MAX = 20;

function segmentName(segment: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof segment === 'object' ? segment.key : segment);
}

/** Nest's own filter replaces every error by "Internal server error"; a dead letter should tell what happened. */
@Catch()
class KeepErrors implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
