import { afterAll, beforeAll, expect, it } from 'vitest';
import { done, type ConfirmingPublisher, type OutgoingMessage } from '../src/index.js';
import { insert, outboxIds, outgoing, publisherFor, relayFor, untilUp } from './support.js';
import { TransportBench } from './transport-support.js';

/** Enough that the first and last moments of a run do not count. */
const MESSAGES = 5_000;

/** What one commit of a busy service writes. */
const COMMIT = 50;

const ROUNDS = 3;

interface Measured {
  readonly membersMax: number;
  readonly perSecond: number;
  /** Of this process: sending and receiving side, without broker and database. */
  readonly cpuMsPerThousand: number;
}

let bench: TransportBench;
let publisher: ConfirmingPublisher;

beforeAll(async () => {
  bench = await TransportBench.open();
  publisher = publisherFor(bench.brokerUrl);
  await untilUp(publisher);
});
afterAll(async () => {
  await publisher.close();
  await bench.stop();
  await bench.close();
});

/** From the commit of each message to the end of its handler, for all of them. */
async function measure(membersMax: number): Promise<Measured> {
  await bench.start({ urls: [bench.brokerUrl] }, () => Promise.resolve(done));
  await bench.untilUp();
  const relay = relayFor(bench.session, publisher, { membersMax });
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  for (let sent = 0; sent < MESSAGES; sent += COMMIT) {
    const batch: OutgoingMessage[] = Array.from({ length: COMMIT }, () => outgoing());
    relay.publishCommitted(await insert(bench.session, batch));
  }
  await bench.untilDelivered(MESSAGES);
  const seconds = (performance.now() - startedMs) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  await relay.stop();
  expect(await outboxIds(bench.session)).toEqual([]);
  return {
    membersMax,
    perSecond: Math.round(MESSAGES / seconds),
    cpuMsPerThousand: Math.round((user + system) / MESSAGES),
  };
}

it('carries more messages, for less, when they travel together', async () => {
  const measured: Measured[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const membersMax of [1, 50]) measured.push(await measure(membersMax));
  }
  process.stdout.write(`${measured.map((line) => JSON.stringify(line)).join('\n')}\n`);
  const cheapest = (membersMax: number): number =>
    Math.min(...measured.filter((line) => line.membersMax === membersMax).map((line) => line.cpuMsPerThousand));
  expect(cheapest(50)).toBeLessThan(cheapest(1));
});
