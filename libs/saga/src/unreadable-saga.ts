/**
 * A saga that this process cannot read: its definition, the version of it, or its step is not known here. That is normal
 * while a new version is being deployed. The saga is parked, not guessed at, and keeps its timer: a process that knows it
 * asks for the awaited operation again and gets the answer that was given meanwhile.
 */
import { isClosed, operationAt } from './saga-instance.js';
import type { SagaInstance } from './saga-instance.js';
import { BLANK_EVENT, ignored } from './transition.js';
import type { Transition } from './transition.js';

/** Long against the time one saga takes, so that many unreadable ones do not crowd out others; short against a deployment. */
const LOOK_AGAIN_MS = 30_000;

export const parkUnreadable = (saga: SagaInstance, problem: string): Transition => {
  if (isClosed(saga.state)) return ignored(saga);
  const isNews = saga.parkedReason !== problem;
  return {
    kind: 'moved',
    next: { ...saga, state: 'parked', parkedReason: problem, version: saga.version + 1 },
    command: null,
    effects: [],
    events: isNews ? [{ ...BLANK_EVENT, event: 'parked', detail: { reason: problem } }] : [],
    timer: { operation: operationAt(saga), afterMs: LOOK_AGAIN_MS },
    giveUpAfterMs: null,
  };
};
