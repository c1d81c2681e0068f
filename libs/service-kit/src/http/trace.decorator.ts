import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { traceOf, type Traced } from '../tracing/traced.js';

/** The trace of the request, for what it causes: `@Trace() trace: Traced`. */
export const Trace = createParamDecorator((_data: unknown, context: ExecutionContext): Traced => {
  const { work } = context.switchToHttp().getRequest<FastifyRequest>();
  return work === null ? {} : traceOf(work);
});
