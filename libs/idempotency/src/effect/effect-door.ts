import { setTimeout as pause } from 'node:timers/promises';
import { AtomicExecutor, type AtomicOptions, type Decision } from '../atomic-executor.js';
import { encounter } from '../encounter.js';
import { fingerprintOf } from '../fingerprint.js';
import type { IdempotencyRecord, NewRecord } from '../idempotency-record.js';
import {
  PhasedExecutor,
  type Lease,
  type PhasedOptions,
  type LeaseStore,
  type RescueReport,
} from '../phased-executor.js';
import { INTENDED } from '../recovery-point.js';
import { nextMove, readEffectOutcome, type EffectOutcome, type Operation, type Sink } from './sink.js';

/** Scope of the records of foreign calls that are not part of a step. */
export const EFFECT_SCOPE = 'effect';

/**
 * Makes calls to the outside at most as often as their sink can bear: intent → sent → outcome, each committed before the
 * next begins, and never with a transaction open around the call.
 *
 * Guarantees: nothing is sent that was not written down first; what is sent again is the same bytes under the same key;
 * an operation has one outcome, the first that was observed.
 * Survives: a crash at any line, a holder that is too slow (counting a send is conditional on the lease's token and on
 * the number of sends, so two holders never send by the same decision), lost answers (as the sink declares), a database
 * that is away when an answer comes, for as long as a lease.
 * A blind sink is sent to at most once, or at least once; both is not to be had, and neither is promised here.
 */
export class EffectDoor {
  private readonly intents: AtomicExecutor<Operation, IdempotencyRecord | null, Intent, EffectAnswer>;
  private readonly work: PhasedExecutor;

  constructor(
    private readonly store: EffectStore,
    private readonly sink: Sink,
    private readonly options: AtomicOptions & PhasedOptions,
  ) {
    this.intents = new AtomicExecutor(
      {
        subjects: ({ key }) => [key],
        load: (operations) => store.load(operations.map(({ key }) => key)),
        decide: (record, operation) => decideIntent(record, operation, options),
        commit: (intents) => store.intend(intents),
      },
      options,
    );
    this.work = new PhasedExecutor(store, (lease, signal) => this.perform(lease, signal), options);
  }

  /** Answers as soon as the intent is committed; ask again with the same operation for its outcome. */
  async submit(operation: Operation): Promise<EffectAnswer> {
    const answer = await this.intents.submit(operation);
    if (answer.kind === 'begun') this.work.begin(leaseOf(operation));
    return answer;
  }

  /** One pass of the rescuer; see PhasedExecutor. */
  runOnce(): Promise<RescueReport> {
    return this.work.runOnce();
  }

  stop(): Promise<void> {
    return this.work.stop();
  }

  private async perform(lease: Lease, signal: AbortSignal): Promise<'finished' | 'unfinished'> {
    const effect = await this.store.read(lease);
    const { resolution } = this.sink;
    switch (nextMove(resolution, effect.sends, effect.sinceFirstSendMs)) {
      case 'send':
        return this.send(lease, effect, signal);
      case 'give-up':
        return this.finish(lease, { kind: 'unknown' });
      case 'read': {
        const read = resolution.kind === 'addressed' ? await resolution.read(effect.operation) : null;
        if (read === 'unchanged') return this.send(lease, effect, signal);
        return read === null ? 'unfinished' : this.finish(lease, { kind: 'answered', answer: read });
      }
      case 'look-up': {
        const found = resolution.kind === 'keyed' ? await resolution.lookUp(effect.operation) : null;
        if (found !== null) return this.finish(lease, { kind: 'answered', answer: found });
        await this.store.park(lease);
        return 'unfinished';
      }
    }
  }

  private async send(lease: Lease, effect: StoredEffect, signal: AbortSignal): Promise<'finished' | 'unfinished'> {
    const isOurs = !signal.aborted && (await this.store.countSend(lease, effect.sends));
    if (!isOurs) return 'unfinished';
    return this.finish(lease, { kind: 'answered', answer: await this.sink.send(effect.operation, signal) });
  }

  /**
   * What was learned outside may be paid for, and nobody else knows it: while the store is away it is told again, for as
   * long as a lease, whoever holds that by then.
   */
  private async finish(lease: Lease, outcome: EffectOutcome): Promise<'finished'> {
    const learnedAt = performance.now();
    for (;;) {
      try {
        await this.store.complete(lease, outcome);
        return 'finished';
      } catch (error) {
        const isHopeless = this.options.classify(error) === 'terminal';
        if (isHopeless || performance.now() - learnedAt >= this.options.leaseMs) throw error;
        await pause(STORE_PAUSE_MS);
      }
    }
  }
}

/** A database that restarts or fails over is back within seconds; few ask it meanwhile. */
const STORE_PAUSE_MS = 200;

export type EffectAnswer =
  | { readonly kind: 'begun' }
  | { readonly kind: 'in-progress' }
  | { readonly kind: 'finished'; readonly outcome: EffectOutcome }
  /** The same key with another request: nothing is sent, and it is worth an alarm. */
  | { readonly kind: 'mismatched' };

/** The record of an operation and what will be sent, committed together. */
export interface Intent {
  readonly record: NewRecord;
  readonly request: string;
}

export interface StoredEffect {
  readonly operation: Operation;
  /** How often it may have been sent. */
  readonly sends: number;
  /** By the database's clock; 0 before the first send. */
  readonly sinceFirstSendMs: number;
}

export interface EffectStore extends LeaseStore {
  load(keys: readonly string[]): Promise<readonly (IdempotencyRecord | null)[]>;
  /** One statement; returns the positions of the intents that were not there yet. */
  intend(intents: readonly Intent[]): Promise<ReadonlySet<number>>;
  read(lease: Lease): Promise<StoredEffect>;
  /** Counts a send before it is made. False, and no effect, if the lease is lost or somebody counted meanwhile. */
  countSend(lease: Lease, sends: number): Promise<boolean>;
  /** Notes that the outside does not tell; it is asked again, with growing pauses. */
  park(lease: Lease): Promise<void>;
  /** Not conditional on the lease: what was observed outside counts, whoever saw it. The first outcome stays. */
  complete(lease: Lease, outcome: EffectOutcome): Promise<void>;
}

function decideIntent(
  record: IdempotencyRecord | null,
  operation: Operation,
  { holder, leaseMs }: PhasedOptions,
): Decision<Intent, EffectAnswer> {
  const { key, subject, request } = operation;
  const fingerprint = fingerprintOf(request);
  const met = encounter(record, fingerprint);
  switch (met.kind) {
    case 'mismatched':
      return { kind: 'answer', answer: { kind: 'mismatched' } };
    case 'in-progress':
      return { kind: 'answer', answer: { kind: 'in-progress' } };
    case 'finished':
      return { kind: 'answer', answer: { kind: 'finished', outcome: readEffectOutcome(met.outcome) } };
    case 'new': {
      const identity = { scope: EFFECT_SCOPE, key, subject, fingerprint };
      const claimed: NewRecord = { ...identity, recoveryPoint: INTENDED, lease: { holder, leaseMs } };
      return { kind: 'change', change: { record: claimed, request }, answer: { kind: 'begun' } };
    }
  }
}

function leaseOf({ key, subject }: Operation): Lease {
  return { scope: EFFECT_SCOPE, key, subject, token: 1 };
}
