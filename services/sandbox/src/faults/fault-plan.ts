import { chance } from './chance.js';
import { concerns, delayOf, type Fault, type FaultPlanDocument, type FaultRule, type Operation } from './fault-rule.js';

/** Who a call is about; what it does not know is null. */
export interface Subject {
  readonly orderId: string | null;
  readonly paymentMethod: string | null;
  readonly email: string | null;
}

export interface Draw {
  /** Version of the plan that was in force; 0 when there was none. Counts are kept per plan. */
  readonly plan: number;
  readonly fault: Fault | null;
  /** Place of the rule that struck. */
  readonly rule: number | null;
  readonly delayMs: number;
  /** This was the n-th call of its operation for its order. */
  readonly nth: number;
}

export interface PlanCounts {
  readonly calls: readonly { readonly operation: string; readonly orderId: string | null; readonly count: number }[];
  readonly strikes: readonly { readonly rule: number; readonly count: number }[];
}

/** Orders come and go; a counter is needed only while its order is being worked on. */
const COUNTERS_MAX = 200_000;

/**
 * The faults that are in force, and the counts they depend on.
 *
 * Rules are asked in order; the first that matches, has strikes left and wins its chance decides. Its chance is a hash of
 * (seed, rule, operation, order, n-th call of that operation for that order), so it does not matter who arrives first.
 */
export class FaultPlan {
  private readonly callCounts = new Map<string, number>();
  private readonly strikeCounts: number[];

  constructor(
    readonly document: FaultPlanDocument,
    readonly version: number,
    counts: PlanCounts = { calls: [], strikes: [] },
  ) {
    this.strikeCounts = document.rules.map(() => 0);
    for (const { operation, orderId, count } of counts.calls) this.callCounts.set(counterOf(operation, orderId), count);
    for (const { rule, count } of counts.strikes) this.strikeCounts[rule] = count;
  }

  /** How often each rule has struck. */
  get strikes(): readonly number[] {
    return this.strikeCounts;
  }

  draw(operation: Operation, subject: Subject): Draw {
    const nth = this.count(operation, subject.orderId);
    for (const [place, rule] of this.document.rules.entries()) {
      if (!concerns(rule, operation) || !matches(rule, subject) || !this.hasStrikesLeft(place, rule)) continue;
      if (rule.probability !== undefined && rule.probability <= this.chanceOf(place, operation, subject, nth)) continue;
      this.strikeCounts[place] = (this.strikeCounts[place] ?? 0) + 1;
      return { plan: this.version, fault: rule.fault, rule: place, delayMs: delayOf(rule), nth };
    }
    return { plan: this.document.rules.length === 0 ? 0 : this.version, fault: null, rule: null, delayMs: 0, nth };
  }

  private chanceOf(place: number, operation: Operation, { orderId }: Subject, nth: number): number {
    return chance(this.document.seed, place, operation, orderId ?? '', nth);
  }

  private count(operation: Operation, orderId: string | null): number {
    const counter = counterOf(operation, orderId);
    const nth = (this.callCounts.get(counter) ?? 0) + 1;
    this.callCounts.delete(counter);
    this.callCounts.set(counter, nth);
    if (this.callCounts.size > COUNTERS_MAX) {
      for (const oldest of this.callCounts.keys()) {
        this.callCounts.delete(oldest);
        break;
      }
    }
    return nth;
  }

  private hasStrikesLeft(place: number, rule: FaultRule): boolean {
    return rule.times === undefined || (this.strikeCounts[place] ?? 0) < rule.times;
  }
}

const counterOf = (operation: string, orderId: string | null): string => `${operation} ${orderId ?? ''}`;

function matches({ match }: FaultRule, subject: Subject): boolean {
  if (match === undefined) return true;
  return (
    (match.orderId === undefined || match.orderId === subject.orderId) &&
    (match.paymentMethod === undefined || match.paymentMethod === subject.paymentMethod) &&
    (match.email === undefined || match.email === subject.email)
  );
}
