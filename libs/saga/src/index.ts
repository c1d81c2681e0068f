export { InvalidSagaDefinitionError } from './errors.js';
export * from './saga-builder.js';
export { SagaCatalogue } from './saga-catalogue.js';
export type { SagaDefinition, SagaStep, SagaTiming, StepRole, Work } from './saga-definition.js';
export { DEFAULT_TIMING } from './saga-definition.js';
export { RESOLVED_BY_OPERATOR, TIMED_OUT } from './saga-happening.js';
export type { LocalRefusal, ReplyInput, ReplyOutcome, Resolution, ResolveInput, SagaInput } from './saga-input.js';
export { awaitedOperation, isClosed, operationKey, SAGA_STATES } from './saga-instance.js';
export type { Direction, Operation, SagaInstance, SagaState } from './saga-instance.js';
export { startSaga, transition } from './saga-transitions.js';
export type { SagaStart } from './saga-transitions.js';
export { TIMELINE_EVENTS, TIMELINE_OUTCOMES } from './transition.js';
export type {
  SagaCommand,
  SagaEffect,
  SagaTimer,
  TimelineEvent,
  TimelineEventName,
  TimelineOutcome,
  Transition,
} from './transition.js';
export { commitSagas } from './postgres/commit-sagas.js';
export { loadSagas } from './postgres/load-sagas.js';
export { CreateSaga1700000000030 } from './postgres/migrations/1700000000030-create-saga.js';
export { sagaChange } from './postgres/saga-change.js';
export type { SagaChange, TransitionContext } from './postgres/saga-change.js';
export { newestSagaOf, sagaOf } from './postgres/saga-columns.js';
export type { SqlSession } from './postgres/sql-session.js';
export { takeDueSagas } from './postgres/take-due-sagas.js';
export type { DueSaga, TakeDueOptions } from './postgres/take-due-sagas.js';
export { timelineOf } from './postgres/timeline-of.js';
export type { TimelineEntry } from './postgres/timeline-of.js';
export { tracesOf } from './postgres/traces-of.js';
