export * from './core/index.js';
export * from './nest/idempotency-key.decorator.js';
export * from './nest/idempotency-problem.js';
export * from './nest/idempotency-problem.filter.js';
export * from './nest/idempotency.interceptor.js';
