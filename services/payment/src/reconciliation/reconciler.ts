import type { Perform } from '@once/idempotency';
import type { Payment } from '../payment/payment.js';
import type { PaymentAnswer, PaymentInput } from '../payment/payment-work.js';
import type { PaymentProvider } from '../provider/payment-provider.js';
import { driftOf, missingDrift, type Drift, type ListedIntent } from './drift.js';

export interface TimeWindow {
  readonly from: Date;
  readonly to: Date;
}

export interface ReconciliationReport extends TimeWindow {
  /** Intents of the provider and payments of ours that were held against each other. */
  readonly compared: number;
  /** Left to whoever drives them at this moment. */
  readonly underWay: number;
  /** What differed and agrees now: the books have learned, and the payment was driven to its goal. */
  readonly healed: readonly Drift[];
  /** What differs still, and needs somebody. */
  readonly open: readonly Drift[];
}

/** The provider's own list of what it has. */
export interface IntentList {
  /** Every intent created within the window, in pages. */
  listIntents(window: TimeWindow): AsyncIterable<readonly ListedIntent[]>;
}

/** What our books have within the window. */
export interface Books {
  /** The payments of a window that have an intent, in pages. */
  paymentsWithIntent(window: TimeWindow): AsyncIterable<readonly BookedPayment[]>;
}

export interface BookedPayment {
  readonly orderId: string;
  readonly intentId: string;
  readonly createdAt: Date;
}

type Theirs = IntentList & Pick<PaymentProvider, 'read'>;

/**
 * Holds our books against the provider's list, in both directions. What differs is read again and observed, like
 * everything that is learned from outside, and the payment is driven to its goal; what differs then is reported.
 *
 * Finds what every other way has missed: lost webhooks, a database that was restored, a person at the provider's
 * dashboard. Changes nothing by itself: only the function of the payment moves money.
 */
export class Reconciler {
  constructor(
    private readonly theirs: Theirs,
    private readonly books: Books,
    private readonly submit: (input: PaymentInput) => Promise<PaymentAnswer>,
    private readonly drive: Perform,
  ) {}

  async reconcile(
    window: TimeWindow,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<ReconciliationReport> {
    const tally = new Tally(window);
    const listed = new Set<string>();
    for await (const page of this.theirs.listIntents(window)) {
      if (signal.aborted) return tally.report();
      for (const { intent } of page) listed.add(intent.id);
      await Promise.all(page.map((found) => this.compare(found, tally, signal)));
    }
    for await (const page of this.books.paymentsWithIntent(window)) {
      if (signal.aborted) return tally.report();
      const unlisted = page.filter(({ intentId }) => !listed.has(intentId));
      await Promise.all(unlisted.map((booked) => this.lookFor(booked, tally)));
    }
    return tally.report();
  }

  private async compare(listed: ListedIntent, tally: Tally, signal: AbortSignal): Promise<void> {
    const payment = await this.find(listed.orderId);
    if (payment !== null && isUnderWay(payment)) return tally.leave();
    const drift = driftOf(payment, listed);
    if (drift === null) return tally.agree();
    // An orphan belongs to no payment that could be driven; everything else is observed first, and judged afterwards.
    const isHealed = drift.kind !== 'orphan' && payment !== null && (await this.heal(payment, listed, signal));
    tally.differ(drift, isHealed);
  }

  private async heal({ orderId }: Payment, listed: ListedIntent, signal: AbortSignal): Promise<boolean> {
    if ((await this.observe(orderId, listed.intent.id)) === null) return false;
    await this.drive({ scope: 'reconciliation', key: listed.intent.id, subject: orderId, token: 1 }, signal);
    const now = await this.observe(orderId, listed.intent.id);
    const payment = await this.find(orderId);
    return now !== null && payment !== null && driftOf(payment, { ...listed, ...now }) === null;
  }

  /** Reads the intent, lets the payment learn it, and says what was read. */
  private async observe(
    orderId: string,
    intentId: string,
  ): Promise<Pick<ListedIntent, 'intent' | 'refundedAmount'> | null> {
    const read = await this.theirs.read(intentId);
    if (read.kind !== 'observed') return null;
    for (const observation of read.observations) await this.submit({ kind: 'observation', orderId, observation });
    const intent = read.observations.find(({ kind }) => kind === 'intent');
    const refunds = read.observations.find(({ kind }) => kind === 'refunds');
    if (intent?.kind !== 'intent') return null;
    return { intent: intent.intent, refundedAmount: refunds?.kind === 'refunds' ? refunds.refundedAmount : 0 };
  }

  /** What the list did not have may have been created a moment outside of the window: the provider is asked for it by name. */
  private async lookFor({ orderId, intentId, createdAt }: BookedPayment, tally: Tally): Promise<void> {
    const payment = await this.find(orderId);
    if (payment === null) return;
    if (isUnderWay(payment)) return tally.leave();
    const read = await this.theirs.read(intentId);
    if (read.kind === 'unknown') throw new Error(`The provider does not say whether it has ${intentId}.`);
    if (read.kind === 'observed') return tally.agree();
    tally.differ(missingDrift(payment, intentId, createdAt), false);
  }

  private async find(orderId: string | null): Promise<Payment | null> {
    if (orderId === null) return null;
    const answer = await this.submit({ kind: 'review', orderId });
    return answer.kind === 'known' ? answer.payment : null;
  }
}

/** Somebody holds a lease on it, or will: what differs now need not differ in a moment. */
const isUnderWay = (payment: Payment): boolean => payment.requests.some(({ isAnswered }) => !isAnswered);

class Tally {
  private compared = 0;
  private underWay = 0;
  private readonly healed: Drift[] = [];
  private readonly open: Drift[] = [];

  constructor(private readonly window: TimeWindow) {}

  agree(): void {
    this.compared += 1;
  }

  leave(): void {
    this.underWay += 1;
  }

  differ(drift: Drift, isHealed: boolean): void {
    this.compared += 1;
    (isHealed ? this.healed : this.open).push(drift);
  }

  report(): ReconciliationReport {
    const { compared, underWay, healed, open } = this;
    return { ...this.window, compared, underWay, healed, open };
  }
}
