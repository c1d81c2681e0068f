export { InvalidSagaDefinitionError } from './errors.js';
export { defineSaga } from './saga-builder.js';
export { SagaCatalogue } from './saga-catalogue.js';
export type { SagaDefinition, SagaStep, SagaTiming, StepRole, Work } from './saga-definition.js';
export { DEFAULT_TIMING } from './saga-definition.js';
export { RESOLVED_BY_OPERATOR, TIMED_OUT } from './saga-happening.js';
export type { LocalRefusal, ReplyInput, ReplyOutcome, Resolution, SagaInput } from './saga-input.js';
export { awaitedOperation, isClosed, operationKey } from './saga-instance.js';
export type { Direction, Operation, SagaInstance, SagaState } from './saga-instance.js';
export { startSaga, transition } from './saga-transitions.js';
export type { SagaStart } from './saga-transitions.js';
export type {
  SagaCommand,
  SagaEffect,
  SagaTimer,
  TimelineEvent,
  TimelineEventName,
  TimelineOutcome,
  Transition,
} from './transition.js';
