import {
  EFFECT_SCOPE,
  FINISHED,
  INTENDED,
  PARKED,
  SENT,
  type EffectOutcome,
  type EffectStore,
  type IdempotencyRecord,
  type Intent,
  type Lease,
  type Operation,
  type StoredEffect,
} from '../src/index.js';
import { InMemoryLeases } from './in-memory-leases.js';
import { unfinishedRecord } from './records.js';

interface Effect {
  readonly operation: Operation;
  readonly fingerprint: string;
  recoveryPoint: string;
  sends: number;
  firstSentAt: number | null;
  outcome: EffectOutcome | null;
}

/** What the two tables of the effect door do, in memory and by the clock of the test. */
export class InMemoryEffects extends InMemoryLeases implements EffectStore {
  private readonly effects = new Map<string, Effect>();
  /** Is waited for before a statement takes effect and before its answer arrives. */
  onTheWay: (statement: string) => Promise<void> = () => Promise.resolve();

  constructor() {
    super(EFFECT_SCOPE);
  }

  load(keys: readonly string[]): Promise<readonly (IdempotencyRecord | null)[]> {
    return this.statement('load', () => keys.map((key) => this.recordFor(key)));
  }

  intend(intents: readonly Intent[]): Promise<ReadonlySet<number>> {
    return this.statement('intend', () => {
      const fresh = intents.flatMap(({ record }, index) => (this.effects.has(record.key) ? [] : [index]));
      for (const [index, intent] of intents.entries()) if (fresh.includes(index)) this.add(intent);
      return new Set(fresh);
    });
  }

  read({ key }: Lease): Promise<StoredEffect> {
    return this.statement('read', () => {
      const { operation, sends, firstSentAt } = this.effectOf(key);
      return { operation, sends, sinceFirstSendMs: firstSentAt === null ? 0 : Date.now() - firstSentAt };
    });
  }

  countSend(lease: Lease, sends: number): Promise<boolean> {
    return this.statement('countSend', () => {
      const effect = this.effectOf(lease.key);
      if (this.heldBy(lease) === undefined || effect.sends !== sends) return false;
      effect.sends += 1;
      effect.firstSentAt ??= Date.now();
      effect.recoveryPoint = SENT;
      return true;
    });
  }

  park(lease: Lease): Promise<void> {
    return this.statement('park', () => {
      if (this.heldBy(lease) !== undefined) this.effectOf(lease.key).recoveryPoint = PARKED;
    });
  }

  complete({ key }: Lease, outcome: EffectOutcome): Promise<void> {
    return this.statement('complete', () => {
      const effect = this.effectOf(key);
      effect.outcome ??= outcome;
      effect.recoveryPoint = FINISHED;
      this.recordOf(key).isFinished = true;
    });
  }

  override takeOver(holder: string, leaseMs: number, limit: number): Promise<readonly Lease[]> {
    return this.statement('takeOver', () => super.takeOver(holder, leaseMs, limit));
  }

  override renew(leases: readonly Lease[], leaseMs: number): Promise<readonly Lease[]> {
    return this.statement('renew', () => super.renew(leases, leaseMs));
  }

  override release(lease: Lease, afterMs: number): Promise<void> {
    return this.statement('release', () => super.release(lease, afterMs));
  }

  outcomeOf(key: string): EffectOutcome | null {
    return this.effects.get(key)?.outcome ?? null;
  }

  private async statement<Result>(name: string, run: () => Result | Promise<Result>): Promise<Result> {
    await this.onTheWay(name);
    const result = await run();
    await this.onTheWay(`answer to ${name}`);
    return result;
  }

  private add({ record, request }: Intent): void {
    const { key, subject, fingerprint, lease } = record;
    this.claim(key, lease?.leaseMs ?? 0, EFFECT_SCOPE, subject);
    const operation = { key, subject, request };
    const nothing = { recoveryPoint: INTENDED, sends: 0, firstSentAt: null, outcome: null };
    this.effects.set(key, { operation, fingerprint, ...nothing });
  }

  private recordFor(key: string): IdempotencyRecord | null {
    const effect = this.effects.get(key);
    if (effect === undefined) return null;
    const { lease, expiresAt } = this.recordOf(key);
    const { fingerprint, recoveryPoint, outcome } = effect;
    const held = { leaseToken: lease.token, isLeaseLive: expiresAt > Date.now() };
    return unfinishedRecord({ ...lease, fingerprint, recoveryPoint, outcome, ...held });
  }

  private effectOf(key: string): Effect {
    const effect = this.effects.get(key);
    if (effect === undefined) throw new Error(`no effect ${key}`);
    return effect;
  }
}
