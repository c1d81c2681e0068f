/**
 * Builds a definition that reads as a list of named steps.
 *
 * The types keep the order in which a saga can be undone: steps with a compensation, then one pivot, then steps that only
 * go forward, then the steps that follow when everything was undone. A compensatable step after the pivot, or a step
 * that must succeed and yet declares a refusal, does not compile: nothing could undo what was done before it.
 */
import { InvalidSagaDefinitionError } from './errors.js';
import { DEFAULT_TIMING } from './saga-definition.js';
import type { SagaDefinition, SagaStep, SagaTiming, Work } from './saga-definition.js';

export const defineSaga = (name: string, version: number, timing: Partial<SagaTiming> = {}): SagaBeginning =>
  new SagaBuilder({ name, version, steps: [], undoneSteps: [], timing: { ...DEFAULT_TIMING, ...timing } });

interface Timeout {
  readonly timeoutMs?: number;
}

export interface LocalStepOptions {
  readonly kind: 'local';
  readonly compensation: string;
  readonly refusals?: readonly string[];
}

export interface RemoteStepOptions extends Timeout {
  readonly kind: 'remote';
  readonly command: string;
  readonly compensation: { readonly command: string };
  readonly refusals?: readonly string[];
}

export interface PivotOptions<Covering extends string> extends Timeout {
  readonly command: string;
  readonly refusals?: readonly string[];
  /**
   * The earlier step whose compensation also undoes the pivot. A pivot has none of its own, yet it may be in flight when
   * the saga is cancelled, and may then succeed unheard.
   */
  readonly coveredBy: Covering;
}

export interface RetriableOptions extends Timeout {
  readonly command: string;
  /** A step that must succeed cannot declare a refusal: nobody would be left to act on it. */
  readonly refusals?: never;
}

/** Nothing chosen yet: a saga begins with a step that can be undone, or consists only of steps that must succeed. */
export interface SagaBeginning extends ForwardSteps {
  step(name: string, options: LocalStepOptions): BeforePivot<never>;
  step<Name extends string>(name: Name, options: RemoteStepOptions): BeforePivot<Name>;
}

/** `Covering` collects the remote steps, the ones whose compensation may cover the pivot. */
export interface BeforePivot<Covering extends string> {
  step(name: string, options: LocalStepOptions): BeforePivot<Covering>;
  step<Name extends string>(name: Name, options: RemoteStepOptions): BeforePivot<Covering | Name>;
  pivot(name: string, options: PivotOptions<Covering>): AfterPivot;
}

interface ForwardSteps {
  retriable(name: string, options: RetriableOptions): ForwardOnly;
  retriableLocal(name: string): ForwardOnly;
}

/** A saga without a pivot: it only goes forward, so nothing of it is ever undone. */
export interface ForwardOnly extends ForwardSteps {
  build(): SagaDefinition;
}

export interface AfterPivot extends UndoneSteps {
  retriable(name: string, options: RetriableOptions): AfterPivot;
  retriableLocal(name: string): AfterPivot;
}

export interface UndoneSteps {
  undone(name: string, options: RetriableOptions): UndoneSteps;
  build(): SagaDefinition;
}

const NO_REFUSALS: readonly string[] = [];

/** All interfaces above at once; each call returns a new builder, so a half-built saga can be shared. */
class SagaBuilder implements SagaBeginning, AfterPivot {
  constructor(private readonly definition: SagaDefinition) {}

  step(name: string, options: LocalStepOptions | RemoteStepOptions): SagaBuilder & BeforePivot<string> {
    const isLocal = options.kind === 'local';
    return this.forward({
      name,
      role: 'compensatable',
      action: isLocal ? local(name) : remote(options.command),
      compensation: isLocal ? local(options.compensation) : remote(options.compensation.command),
      refusals: options.refusals ?? NO_REFUSALS,
      timeoutMs: this.timeout(isLocal ? {} : options),
    });
  }

  pivot(name: string, options: PivotOptions<string>): SagaBuilder {
    return this.forward({
      name,
      role: 'pivot',
      action: remote(options.command),
      compensation: null,
      refusals: options.refusals ?? NO_REFUSALS,
      timeoutMs: this.timeout(options),
    });
  }

  retriable(name: string, options: RetriableOptions): SagaBuilder {
    return this.forward(this.mustSucceed(name, 'retriable', remote(options.command), options));
  }

  retriableLocal(name: string): SagaBuilder {
    return this.forward(this.mustSucceed(name, 'retriable', local(name), {}));
  }

  undone(name: string, options: RetriableOptions): SagaBuilder {
    const step = this.mustSucceed(name, 'undone', remote(options.command), options);
    return new SagaBuilder({ ...this.definition, undoneSteps: [...this.definition.undoneSteps, step] });
  }

  build(): SagaDefinition {
    const names = [...this.definition.steps, ...this.definition.undoneSteps].map((step) => step.name);
    const repeated = names.find((name, index) => names.indexOf(name) !== index);
    // Position is stored by name: two steps of one name would be one position.
    if (repeated !== undefined)
      throw new InvalidSagaDefinitionError(this.definition.name, `two steps named ${repeated}`);
    return this.definition;
  }

  private forward(step: SagaStep): SagaBuilder {
    return new SagaBuilder({ ...this.definition, steps: [...this.definition.steps, step] });
  }

  private mustSucceed(name: string, role: 'retriable' | 'undone', action: Work, timeout: Timeout): SagaStep {
    return { name, role, action, compensation: null, refusals: NO_REFUSALS, timeoutMs: this.timeout(timeout) };
  }

  private timeout(options: Timeout): number {
    return options.timeoutMs ?? this.definition.timing.stepTimeoutMs;
  }
}

const local = (name: string): Work => ({ kind: 'local', name });
const remote = (command: string): Work => ({ kind: 'remote', command });
