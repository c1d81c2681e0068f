import { auditSystem, seededRandom, spawnWiredSystem, type FaultAction, type WiredSystem } from '@once/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge } from './judge.js';
import { PROOF_SETTINGS } from './proof-settings.js';
import { backgroundOf, detailOf, eventsOfOneOrder, placeAndWait, type WireEventOfOrder } from './wire-events.js';
import type { Wish } from './wish.js';

interface WireCase extends WireEventOfOrder {
  readonly moment: 'before' | 'after';
  readonly action: 'cut' | 'kill';
}

/** `PROOF_SLICE=3/30` runs the third of thirty parts; every part is a sample of all wires. */
const [SLICE = 1, SLICES = 1] = (process.env['PROOF_SLICE'] ?? '1/1').split('/').map(Number);
const SEED = Number(process.env['PROOF_SEEDS']?.split(',')[0] ?? '1');

/** Searches for leftovers repeat within two seconds; what is seldom by nature (reapers) would be cut in vain, not missed. */
const BACKGROUND_MS = 4_000;

/** Marks and records may share a statement, and a connection to the mailbox that has been idle is opened again. */
const AT_LEAST: Readonly<Record<string, number>> = {
  'order-database commit': 5,
  'order-database commit-answer': 5,
  'payment-database commit': 8,
  'payment-database commit-answer': 8,
  'notification-database commit': 4,
  'notification-database commit-answer': 4,
  'notification-mailbox request': 4,
  'notification-mailbox response': 4,
};

/** Three commands with their replies, three calls to the provider and two webhooks from it. */
const EXACTLY: Readonly<Record<string, number>> = {
  'order-customers request': 1,
  'order-customers response': 1,
  'order-broker publish': 3,
  'order-broker confirm': 3,
  'order-broker deliver': 3,
  'order-broker ack': 3,
  'payment-broker publish': 2,
  'payment-broker confirm': 2,
  'payment-broker deliver': 2,
  'payment-broker ack': 2,
  'payment-provider request': 3,
  'payment-provider response': 3,
  'payment-webhooks request': 2,
  'payment-webhooks response': 2,
  'notification-broker publish': 1,
  'notification-broker confirm': 1,
  'notification-broker deliver': 1,
  'notification-broker ack': 1,
};

/** A whole system, and a few orders one after another, on a busy machine. */
const START_WITHIN_MS = 600_000;

/**
 * Some orders take another way (a webhook overtakes an answer, two changes share a statement) and have no such event; then
 * another order is hurt.
 */
const TRIES = 12;

/** Added to each request and each answer: above what a mark waits for company, far below what a call may take. */
const SLOW_MS = 250;

describe('one order, cut and killed before and after each of its events on the wire', () => {
  const wishes: Wish[] = [];
  let system: WiredSystem;
  let background: ReadonlySet<string>;
  let events: readonly WireEventOfOrder[];

  beforeAll(async () => {
    system = await spawnWiredSystem({ env: PROOF_SETTINGS });
    background = await backgroundOf(system, BACKGROUND_MS);
    await placeAndWait(system, background, wish('warm-up'));
    events = await eventsOfOneOrder(system, background, [wish('dry'), wish('dry'), wish('dry')]);
  }, START_WITHIN_MS);
  afterAll(() => system?.close());

  function wish(name: string): Wish {
    const made: Wish = { key: `${name}-${wishes.length}`, sku: 'mug', method: 'pm_card_visa', answers: [] };
    wishes.push(made);
    return made;
  }

  it('has so many events on each wire', () => {
    const lines = new Map<string, number>();
    for (const { wire, event } of events)
      lines.set(`${wire.name} ${event}`, (lines.get(`${wire.name} ${event}`) ?? 0) + 1);
    report(
      `one order has ${events.length} events on ${system.wires.length} wires; seed ${SEED}, slice ${SLICE}/${SLICES}`,
    );
    for (const [line, count] of [...lines].toSorted(([a], [b]) => a.localeCompare(b)))
      report(`  ${String(count).padStart(3)}  ${line}`);
    for (const [line, least] of Object.entries(AT_LEAST)) expect(lines.get(line), line).toBeGreaterThanOrEqual(least);
    const others = [...lines].filter(([line]) => !(line in AT_LEAST));
    expect(Object.fromEntries(others)).toEqual(EXACTLY);
    expect(new Set(events.map(({ wire }) => wire.name))).toEqual(new Set(system.wires.map(({ name }) => name)));
  });

  it(
    'ends right every time',
    async () => {
      const cases = casesOf(events);
      const startedMs = performance.now();
      const missed: string[] = [];
      for (const [index, wireCase] of cases.entries()) {
        if (!(await strikeOnce(wireCase))) missed.push(nameOf(wireCase));
        const seconds = Math.round((performance.now() - startedMs) / 1_000);
        if (index % 10 === 9) report(`  ${index + 1} of ${cases.length} cases, ${seconds} s`);
      }
      report(`${cases.length - missed.length} of ${cases.length} cases struck, ${wishes.length} orders placed`);

      expect(await judge(system, wishes)).toEqual([]);
      expect((await auditSystem(system)).broken).toEqual({});
      // A run in which nothing happened proves nothing.
      expect(cases.length).toBeGreaterThan(0);
      expect(missed).toEqual([]);
    },
    3 * 3_600_000,
  );

  /** Hurts orders until one of them has had the event; every second one with a provider so slow that things come apart. */
  async function strikeOnce(wireCase: WireCase): Promise<boolean> {
    const provider = system.wires.find(({ name }) => name === 'payment-provider')?.proxy;
    try {
      for (let tries = 0; tries < TRIES; tries += 1) {
        provider?.slow(tries % 2 === 0 ? {} : { delayMs: SLOW_MS });
        if (await strike(wireCase)) return true;
      }
      return false;
    } finally {
      provider?.slow({});
    }
  }

  async function strike({ wire, event, detail, nth, moment, action }: WireCase): Promise<boolean> {
    const service = system[wire.service];
    let restarted: Promise<void> = Promise.resolve();
    const kill: FaultAction = {
      kind: 'kill',
      victim: async () => {
        await service.kill();
        restarted = service.start();
        restarted.catch(() => {}); // awaited below, when the order is over
      },
    };
    const where = (passed: { readonly detail: string }): boolean => detailOf(passed) === detail;
    const armed = wire.proxy.arm({ moment, event, nth, where, action: action === 'cut' ? { kind: 'cut' } : kill });
    const name = nameOf({ wire, event, detail, nth, moment, action });
    // Late is not wrong: the judge gives it more time, and has the last word.
    await placeAndWait(system, background, wish(name)).catch((error: unknown) =>
      report(`  late: ${name}: ${String(error)}`),
    );
    await restarted;
    armed.disarm();
    return armed.hasStruck;
  }
});

function casesOf(events: readonly WireEventOfOrder[]): readonly WireCase[] {
  const all = events.flatMap((event) =>
    (['before', 'after'] as const).flatMap((moment) =>
      (['cut', 'kill'] as const).map((action) => ({ ...event, moment, action })),
    ),
  );
  const shuffled = seededRandom(SEED).shuffle(all);
  return shuffled.filter((_, index) => index % SLICES === (SLICE - 1) % SLICES);
}

/** Short enough for an idempotency key, and without what a key may not contain. */
const nameOf = ({ wire, event, detail, nth, moment, action }: WireCase): string =>
  `${action}-${moment}-${wire.name}-${event}-${nth}-${detail.replaceAll(/[^\w/]+/g, '-').slice(0, 60)}`;

/** A long run says how far it is. */
function report(line: string): void {
  process.stdout.write(`${line}\n`);
}
