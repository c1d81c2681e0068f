/**
 * A transition in the making: walks from step to step, through local work, until an operation must be awaited or the saga
 * ends, and collects what happens on the way. Consecutive local steps therefore share one transition.
 */
import type { SagaDefinition, SagaStep } from './saga-definition.js';
import type { LocalRefusal } from './saga-input.js';
import { operationAt } from './saga-instance.js';
import type { ClosedState, Direction, Phase, SagaInstance } from './saga-instance.js';
import { BLANK_EVENT } from './transition.js';
import type { SagaCommand, SagaEffect, SagaTimer, SparseEvent, TimelineEvent, Transition } from './transition.js';

export class TransitionDraft {
  private readonly effects: SagaEffect[] = [];
  private readonly events: TimelineEvent[] = [];
  private command: SagaCommand | null = null;
  private timer: SagaTimer | null = null;

  constructor(
    private readonly definition: SagaDefinition,
    private saga: SagaInstance,
    private readonly localRefusal: LocalRefusal | undefined,
  ) {}

  /** Goes forward from the step with this index; behind the last one the saga is completed. */
  goForward(index: number): this {
    const step = this.definition.steps[index];
    if (step === undefined) return this.reach('completed').close('completed');

    this.stand(step, 'action');
    if (step.action.kind === 'remote') return this.send(step, 1);
    return this.localRefusal?.step === step.name
      ? this.refuse(step, this.localRefusal.reason).undoBefore(index)
      : this.execute(step, step.action.name).goForward(index + 1);
  }

  /** Undoes the steps before this index, last first, and then follows what the definition has for an undone saga. */
  undoBefore(index: number): this {
    const step = this.definition.steps[index - 1];
    if (step === undefined) return this.reach('undone').followUndone(0);
    // Only the pivot has no compensation, and it is covered by that of an earlier step.
    if (step.compensation === null) return this.undoBefore(index - 1);

    this.stand(step, 'compensation');
    if (step.compensation.kind === 'remote') return this.send(step, 1);
    return this.execute(step, step.compensation.name).undoBefore(index - 1);
  }

  followUndone(index: number): this {
    const step = this.definition.undoneSteps[index];
    if (step === undefined) return this.record({ event: 'compensated' }).close('compensated');
    this.stand(step, 'action');
    return this.send(step, 1);
  }

  /** Asks for the awaited operation, the first time or again: the same operation, one more attempt. */
  send(step: SagaStep, attempt: number): this {
    const work = this.saga.direction === 'action' ? step.action : step.compensation;
    if (work?.kind !== 'remote') throw new Error(`step ${step.name} awaits no remote ${this.saga.direction}`);

    this.change({ attempt });
    this.command = { operation: operationAt(this.saga), type: work.command, attempt };
    return this.recordHere({ event: 'sent', attempt, detail: { command: work.command } }).wait(step, attempt);
  }

  /** The pause before the next look doubles with each try, up to the definition's longest. */
  wait(step: SagaStep, tries: number): this {
    const longestMs = Math.max(step.timeoutMs, this.definition.timing.backoffMaxMs);
    const afterMs = Math.min(step.timeoutMs * 2 ** (tries - 1), longestMs);
    this.timer = { operation: operationAt(this.saga), afterMs };
    return this;
  }

  /** A fact that the caller makes true in its own database, in the same commit. */
  reach(fact: Exclude<SagaEffect['kind'], 'local'>): this {
    this.effects.push({ kind: fact });
    return this.record({ event: fact });
  }

  close(state: ClosedState): this {
    return this.change({ state, parkedReason: null });
  }

  change(change: Partial<SagaInstance>): this {
    this.saga = { ...this.saga, ...change };
    return this;
  }

  record(event: SparseEvent): this {
    this.events.push({ ...BLANK_EVENT, ...event });
    return this;
  }

  /** Records something about the operation at the saga's position. */
  recordHere(event: SparseEvent): this {
    const { step, direction, generation } = this.saga;
    return this.record({ step, direction, generation, ...event });
  }

  finish(kind: 'moved' | 'late'): Transition {
    const { effects, events, command, timer } = this;
    const next = { ...this.saga, version: this.saga.version + 1 };
    return { kind, next, command, effects, events, timer, giveUpAfterMs: null };
  }

  private stand(step: SagaStep, direction: Direction): void {
    const state = phaseAt(step, direction);
    this.change({ state, step: step.name, direction, generation: 1, attempt: 0, parkedReason: null });
  }

  private refuse(step: SagaStep, reason: string): this {
    if (step.role !== 'compensatable') throw new Error(`step ${step.name} must succeed and cannot be refused`);
    return this.recordHere({ event: 'executed', outcome: 'refused', detail: { reason } }).change({ reason });
  }

  private execute(step: SagaStep, name: string): this {
    const { direction } = this.saga;
    this.effects.push({ kind: 'local', name, step: step.name, direction });
    return this.recordHere({ event: 'executed', outcome: 'ok', detail: { name } });
  }
}

/** The phase of an open saga follows from its position; that is how a parked one knows what it was parked in. */
export const phaseAt = (step: SagaStep, direction: Direction): Phase => {
  if (direction === 'compensation') return 'compensating';
  if (step.role === 'undone') return 'undone';
  return step.role === 'retriable' ? 'pivoted' : 'running';
};
