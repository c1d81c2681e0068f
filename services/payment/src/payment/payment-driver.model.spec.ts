import type { Lease } from '@once/idempotency';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryPayments } from '../../test/memory-payments.js';
import { DECLINED, FATES, MemoryProvider, type Fate } from '../../test/memory-provider.js';
import { charge, ORDER_ID } from '../../test/payments.js';
import { PaymentDriver } from './payment-driver.js';
import type { Payment, RequestKind } from './payment.js';

/**
 * A payment in a bad world. Two drivers work on it at the same time and may stand still between any two of their steps;
 * calls are applied late, answers are lost, the provider stores failures and may ignore keys; what webhooks tell is old;
 * commands come twice, and what is remembered of the payment is some versions behind. In the end the world heals, and a rescuer finishes what is left.
 */
interface World {
  readonly fates: readonly Fate[];
  readonly ignoresKeys: boolean;
  readonly isDeclined: boolean;
  readonly asks: readonly RequestKind[];
  readonly versionsBehind: number;
}

const worlds: fc.Arbitrary<World> = fc.record({
  fates: fc.array(fc.constantFrom<Fate[]>('answer', 'answer', 'answer', 'answer', 'answer', ...FATES), {
    maxLength: 12,
  }),
  ignoresKeys: fc.boolean(),
  isDeclined: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 0),
  asks: fc.constantFrom<RequestKind[][]>(
    ['authorise', 'capture'],
    ['authorise', 'capture', 'return'],
    ['authorise', 'return'],
    ['return', 'authorise'],
  ),
  versionsBehind: fc.integer({ min: 0, max: 4 }),
});

const AMOUNT = charge.amount;
const DRIVERS = 2;
const PASSES_PER_DRIVER = 3;
const RESCUES_MAX = 20;
const PATIENCE = 20;

class Run {
  readonly provider: MemoryProvider;
  readonly payments: MemoryPayments;
  private readonly driver: PaymentDriver;
  private readonly begun = new Set<string>();
  private remembered: Payment | undefined;
  private isBad = true;

  constructor(
    private readonly world: World,
    private readonly scheduler: fc.Scheduler,
  ) {
    const fates = world.fates.values();
    const turn = (what: string) => this.turn(what);
    this.provider = new MemoryProvider({
      fateOf: () => fates.next().value ?? 'answer',
      ignoresKeys: world.ignoresKeys,
      turn,
    });
    this.payments = new MemoryPayments(turn);
    this.driver = new PaymentDriver(this.provider, this.payments.submit, () => this.remembered);
  }

  /** Everything at once; the scheduler decides who takes the next step. */
  async happen(): Promise<void> {
    const all = [
      this.ask(),
      this.tell(),
      this.landLate(),
      ...Array.from({ length: DRIVERS }, () => this.drive(PASSES_PER_DRIVER)),
    ];
    await this.scheduler.waitFor(Promise.all(all));
    this.isBad = false;
    this.provider.heal();
    this.provider.land();
    await this.ask();
    await this.drive(RESCUES_MAX);
  }

  private async turn(what: string): Promise<void> {
    if (this.isBad) await this.scheduler.schedule(Promise.resolve(), what);
    this.expectLedgerInOrder();
  }

  /** The saga: its commands come twice, and the capture only after the authorisation was granted. */
  private async ask(): Promise<void> {
    for (const kind of [...this.world.asks, ...this.world.asks]) {
      if (kind === 'capture' && !(await this.isGranted())) continue;
      const method = this.world.isDeclined ? DECLINED : charge.method;
      await this.payments.request(kind, kind === 'authorise' ? { charge: { ...charge, method } } : {});
    }
  }

  private async isGranted(): Promise<boolean> {
    for (let looks = 0; looks < PATIENCE; looks += 1) {
      if (this.payments.answers.includes('authorise-payment action ok')) return true;
      await this.turn('the saga waits');
    }
    return false;
  }

  /** Webhooks: true when they are written, old when they are read. */
  private async tell(): Promise<void> {
    for (let events = 0; events < 3; events += 1) {
      await this.turn('an event is written');
      const intentId = this.payments.payment?.intentId;
      if (intentId === null || intentId === undefined) continue;
      for (const observation of this.provider.peek(intentId)) {
        await this.payments.submit({ kind: 'observation', orderId: ORDER_ID, observation });
      }
    }
  }

  private async landLate(): Promise<void> {
    for (let landings = 0; landings < 3; landings += 1) {
      await this.turn('late calls land');
      this.provider.land();
    }
  }

  private async drive(passes: number): Promise<void> {
    for (let pass = 0; pass < passes; pass += 1) {
      await this.turn('a driver looks for work');
      for (const lease of this.payments.unfinished) await this.perform(lease);
    }
  }

  /** Who performs it first has just received it, and may remember the payment as it was then. */
  private async perform(lease: Lease): Promise<void> {
    this.remembered = this.begun.has(lease.key) ? undefined : this.payments.past.at(-1 - this.world.versionsBehind);
    this.begun.add(lease.key);
    await this.driver.perform(lease, new AbortController().signal);
  }

  /** Holds at every prefix of the ledger. */
  private expectLedgerInOrder(): void {
    expect(this.provider.entries('authorise').length).toBeLessThanOrEqual(1);
    expect(this.provider.entries('capture').length).toBeLessThanOrEqual(1);
    expect(this.provider.sum('refund')).toBeLessThanOrEqual(this.provider.sum('capture'));
  }

  /** Holds when the world has healed and nothing is under way. */
  expectAtRest(): void {
    const { payments, provider } = this;
    expect(payments.unfinished).toEqual([]);
    expect(payments.payment?.requests.filter(({ isAnswered }) => !isAnswered)).toEqual([]);
    expect(provider.succession.needless).toEqual([]);
    const net = provider.sum('capture') - provider.sum('refund');
    if (payments.payment?.goal === 'return') {
      expect({ net, reserved: provider.reserved }).toEqual({ net: 0, reserved: 0 });
    } else {
      const isTaken = payments.answers.includes('capture-payment action ok');
      expect({ net, reserved: provider.reserved }).toEqual(
        isTaken ? { net: AMOUNT, reserved: 0 } : { net: 0, reserved: AMOUNT },
      );
    }
    // The books say what the ledger says.
    expect(payments.payment).toMatchObject({
      capturedAmount: provider.sum('capture'),
      refundedAmount: provider.sum('refund'),
    });
    expect(this.knownStatus).toBe(this.trueStatus);
  }

  /** Of an intent that moved money; one that never did is let go without waiting to hear that it is gone. */
  private get knownStatus(): string | null {
    return this.provider.ledger.length === 0 ? null : (this.payments.payment?.intentStatus ?? null);
  }

  private get trueStatus(): string | null {
    const [entry] = this.provider.ledger;
    const [observed] = entry === undefined ? [] : this.provider.peek(entry.intentId);
    return observed?.kind === 'intent' ? observed.intent.status : null;
  }

  /** How it ended, to see that every end occurs. */
  get end(): string {
    const { provider } = this;
    if (provider.strays > 0) return 'stray';
    return provider.ledger.at(-1)?.kind ?? 'nothing';
  }
}

describe('a payment in a bad world', () => {
  it('is captured once at most and, in the end, taken or returned whole', { timeout: 60_000 }, async () => {
    const ends = new Set<string>();
    await fc.assert(
      fc.asyncProperty(worlds, fc.scheduler(), async (world, scheduler) => {
        const run = new Run(world, scheduler);
        await run.happen();
        run.expectAtRest();
        ends.add(run.end);
      }),
      { numRuns: 500 },
    );
    expect(ends).toEqual(new Set(['authorise', 'capture', 'refund', 'void', 'nothing', 'stray']));
  });
});
