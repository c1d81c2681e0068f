import { auditSystem, seededRandom, setFaults } from '@once/testing';
import { describe, expect, it } from 'vitest';
import { OrderApi } from '../order-api.js';
import { COMMIT_STORIES, untilSettled, type CommitStory, type Stage } from './commit-stories.js';
import { HeldMessages } from './held-messages.js';
import { judge } from './judge.js';
import { JUDGED, PROOF_SETTINGS } from './proof-settings.js';
import {
  COMMIT_KINDS,
  WATCHED,
  WatchedCommits,
  type CommitCounts,
  type CommitKind,
  type Side,
  type Watched,
} from './watched-commits.js';
import type { Wish } from './wish.js';

/** `PROOF_SLICE=2/4 npm run proofs -- commits` kills at every fourth COMMIT, beginning with the second. */
const [SLICE = 1, SLICES = 1] = (process.env['PROOF_SLICE'] ?? '1/1').split('/').map(Number);
const SEED = Number(process.env['PROOF_SEEDS']?.split(',')[0] ?? '1');

/** Orders whose COMMITs are counted: a busy machine may ask again and commit once more. */
const UNHARMED_MAX = 10;

/** Two messages that the broker confirms at once leave by one commit. Then there is no n-th one, and another order is told. */
const ORDERS_MAX: Readonly<Record<CommitKind, number>> = { decided: 1, left: 5 };

const REPLICAS = { ONCE_REPLICAS: '2' } as const;

describe('two replicas of each service, one of which is killed before and after each COMMIT', () => {
  it.each(COMMIT_STORIES)(
    'end every $name right',
    async (story) => {
      const stage = await setUp(story);
      const random = seededRandom(SEED);
      const wishes: Wish[] = [];
      const wishFor = (key: string): Wish => {
        const wish: Wish = { key, sku: random.pick(['mug', 'tee', 'print']), method: story.method, answers: [] };
        wishes.push(wish);
        return wish;
      };

      const counts: CommitCounts[] = [];
      while (counts.length < UNHARMED_MAX && !counts.some((counted) => isAsTold(story, counted))) {
        counts.push(await countCommits(stage, story, wishFor(`unharmed-${counts.length}`)));
        print(`${story.name}: counted ${JSON.stringify(counts.at(-1))}`);
      }
      expect(counts).toSatisfy((all: CommitCounts[]) => all.some((counted) => isAsTold(story, counted)));
      const kills = random.shuffle(killsOf(story)).filter((_, index) => index % SLICES === SLICE - 1);
      print(`${tellCommits(story)}; slice ${SLICE} of ${SLICES}: ${kills.length} kills`);
      for (const planned of kills) {
        const { service, kind, n, side } = planned;
        const what = `${side} commit ${n} of what ${service} has ${kind}`;
        let hasStruck = false;
        for (let order = 1; !hasStruck && order <= ORDERS_MAX[kind]; order += 1) {
          hasStruck = await strike(stage, story, planned, wishFor(`${what}-${order}`.replaceAll(' ', '-')));
        }
        if (!hasStruck) print(`no ${what} in ${ORDERS_MAX[kind]} orders`);
        const mayLeaveTogether = kind === 'left' && n > 1;
        expect(hasStruck || mayLeaveTogether, what).toBe(true);
      }

      await setFaults(stage.watched.system, []);
      expect(await judge(stage.watched.system, wishes)).toEqual([]);
      expect((await auditSystem(stage.watched.system, { env: REPLICAS })).broken).toEqual({});
    },
    3_600_000,
  );
});

async function setUp({ faults }: CommitStory): Promise<Stage> {
  const watched = await WatchedCommits.of({ env: PROOF_SETTINGS, ...JUDGED });
  const toPayment = await HeldMessages.of(watched.system, 'payment', watched.processes);
  const stage = { watched, api: new OrderApi(watched.system), toPayment };
  await setFaults(watched.system, faults, SEED);
  return stage;
}

/** Every decision has its commit. What leaves takes one for each message at most, and how many leave together is a matter of time. */
function isAsTold({ commits }: CommitStory, counted: CommitCounts): boolean {
  return WATCHED.every((service) => {
    const { decided, left } = counted[service];
    return decided === commits[service].decided && left >= 1 && left <= commits[service].left;
  });
}

interface PlannedKill {
  readonly service: Watched;
  readonly kind: CommitKind;
  readonly n: number;
  readonly side: Side;
}

function killsOf({ commits, strikes }: CommitStory): readonly PlannedKill[] {
  return strikes.flatMap((service) =>
    COMMIT_KINDS.flatMap((kind) =>
      Array.from({ length: commits[service][kind] }, (_, index) => index + 1).flatMap((n) =>
        (['before', 'after'] as const).map((side) => ({ service, kind, n, side })),
      ),
    ),
  );
}

/** Whether the kill has struck. The victim is started again, as a supervisor does. */
async function strike(stage: Stage, story: CommitStory, planned: PlannedKill, wish: Wish): Promise<boolean> {
  await story.before(stage, wish);
  const kill = stage.watched.killAt(planned.service, planned.kind, planned.n, planned.side);
  const restarted = kill.struckAndRestarted();
  await story.tell(stage, wish);
  await untilSettled(stage, wish, story);
  if (kill.hasStruck) await restarted;
  else kill.disarm();
  return kill.hasStruck;
}

async function countCommits(stage: Stage, story: CommitStory, wish: Wish): Promise<CommitCounts> {
  await story.before(stage, wish);
  const stop = stage.watched.count();
  await story.tell(stage, wish);
  await untilSettled(stage, wish, story);
  return stop();
}

function tellCommits({ name, commits }: CommitStory): string {
  const total = WATCHED.reduce((sum, service) => sum + commits[service].decided + commits[service].left, 0);
  const parts = WATCHED.map((service) => `${service} ${commits[service].decided} + ${commits[service].left}`);
  return `${name}: ${total} commits (decisions + messages that have left: ${parts.join(', ')})`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
