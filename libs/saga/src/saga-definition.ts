/**
 * What a saga is made of, as data. `defineSaga` builds it.
 *
 * Running sagas remember the definition's name and version and the name of their step, never an index. A change of the
 * list is therefore a new version, registered beside the old one until the last saga of the old one has ended.
 */

/** What a step does on one of its sides: at once in the caller's transaction, or by a command to a participant. */
export type Work =
  { readonly kind: 'local'; readonly name: string } | { readonly kind: 'remote'; readonly command: string };

/** Where a step stands in its saga, and with it what a refusal means and whether it can be undone. */
export type StepRole = 'compensatable' | 'pivot' | 'retriable' | 'undone';

export interface SagaStep {
  readonly name: string;
  readonly role: StepRole;
  readonly action: Work;
  readonly compensation: Work | null;
  /** The reasons with which the participant may say no; empty where no is not an answer. */
  readonly refusals: readonly string[];
  readonly timeoutMs: number;
}

export interface SagaDefinition {
  readonly name: string;
  readonly version: number;
  /** Forward, in order: compensatable steps, the pivot, retriable steps. */
  readonly steps: readonly SagaStep[];
  /** What follows once every compensation has succeeded. */
  readonly undoneSteps: readonly SagaStep[];
  readonly timing: SagaTiming;
}

export interface SagaTiming {
  /** Silence after which the awaited operation is asked again; doubles with every attempt. A step may have its own. */
  readonly stepTimeoutMs: number;
  /** The longest pause between two attempts, however many went before. */
  readonly backoffMaxMs: number;
  /** Age at which a saga whose pivot has not succeeded is undone. */
  readonly giveUpAfterMs: number;
}

/**
 * Ten seconds are well above a healthy participant's answer and below a waiting customer's patience; a minute between
 * attempts is rare enough for a participant that is down all night; ten minutes outlive a deployment or a fail-over.
 */
export const DEFAULT_TIMING: SagaTiming = { stepTimeoutMs: 10_000, backoffMaxMs: 60_000, giveUpAfterMs: 600_000 };

/** The named step, forward or after undoing; undefined when this definition has no such step. */
export const findStep = (definition: SagaDefinition, name: string): SagaStep | undefined =>
  [...definition.steps, ...definition.undoneSteps].find((step) => step.name === name);
