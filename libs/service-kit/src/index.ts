export { type ApiKey } from './settings/api-keys.js';
export { renderEnvExample } from './settings/env-example.js';
export { settingDefinitions, type SettingDefinition, type SettingName } from './settings/setting-definitions.js';
export { SettingsError } from './settings/settings-error.js';
export { readSettings, type ServiceStandards, type Settings } from './settings/settings.js';
export { deliveryHoldMs, DELIVERIES_MAX } from './settings/delivery-hold.js';
export { windowRules, type WindowRule } from './settings/window-rules.js';

export { CommitUnconfirmedError } from './database/commit-watch.js';
export { type DatabaseOptions } from './database/data-source-options.js';
export {
  classifyDatabaseError,
  isConnectionError,
  isRetryableError,
  type DatabaseErrorKind,
} from './database/database-error.js';
export { openDatabase } from './database/open-database.js';
export { PgSession, pgSession } from './database/pg-session.js';
export { transactionTimeoutMs } from './database/session-limits.js';
export { rowsOf, type SqlSession } from './database/sql-session.js';

export { Account } from './http/account.decorator.js';
export { AccountGuard } from './http/account.guard.js';
export { AccountsModule } from './http/accounts.module.js';
export { Accounts, type AccountsOptions, type Caller } from './http/accounts.js';
export { createHttpApp, type HttpAppOptions } from './http/create-http-app.js';
export { listenHttp } from './http/listen-http.js';
export { OperatorGuard } from './http/operator.guard.js';
export {
  problemCatalogue,
  type OperationAnswer,
  type ProblemKind,
  type ProblemSlug,
} from './http/problem-catalogue.js';
export {
  PROBLEM_CONTENT_TYPE,
  toProblemDocument,
  type ProblemContext,
  type ProblemDocument,
} from './http/problem-document.js';
export { problemContext, ProblemFilter } from './http/problem.filter.js';
export { Problem, type ProblemOptions } from './http/problem.js';
export { RateLimitGuard } from './http/rate-limit.guard.js';
export { RateLimiter } from './http/rate-limiter.js';
export { Trace } from './http/trace.decorator.js';
export { validate, type FieldError } from './http/validate.js';

export { DeadLettersModule } from './dead-letters/dead-letters.module.js';
export type { DeadLetterDetail, DeadLetters, DeadLettersPage } from './dead-letters/dead-letters.js';

export { databaseIndicator } from './health/database-indicator.js';
export { HealthRegistry, type HealthIndicator, type HealthReport } from './health/health-registry.js';

export { fieldLogger, type FieldLogger } from './logging/field-logger.js';
export { JsonLogger, type JsonLoggerOptions } from './logging/json-logger.js';
export { type Door, type IdempotencyMetrics } from './metrics/idempotency-metrics.js';
export { type MetricOptions } from './metrics/instruments.js';
export { type MessagingMetrics } from './metrics/messaging-metrics.js';
export { Metrics } from './metrics/metrics.js';

export { MESSAGING_SETTINGS, messagingTerms, type MessagingTerms } from './messaging-terms.js';
export { PeriodicTask, type PeriodicTaskOptions } from './periodic-task.js';
export {
  runService,
  type ProcessHost,
  type RunningService,
  type ServiceDefinition,
  type StartContext,
} from './run-service.js';
export { traceOf, type Traced } from './tracing/traced.js';
export { mintTraceparent, traceIdOf } from './tracing/traceparent.js';
export { traced } from './tracing/tracing.js';
export { serve, type ServiceParts, type ServicePlace } from './serve.js';
