import { editedCopy, seededRandom, spawnSystem, type Edit } from '@once/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { judge, type Violation } from './judge.js';
import { placeUnderKills } from './orders-under-kills.js';
import { PROOF_SETTINGS } from './proof-settings.js';

interface Control {
  readonly guard: string;
  readonly edits: readonly Edit[];
  /** The invariant that breaks without the guard. */
  readonly breaks: string;
}

const CONTROLS: readonly Control[] = [
  {
    guard: 'the outbox row',
    // Messages still leave from memory after the commit, as systems without an outbox send them.
    edits: [
      {
        file: 'libs/messaging/dist/postgres/insert-outbox.js',
        find: 'returning id, created_at',
        replace: 'where false returning id, created_at',
      },
    ],
    breaks: 'every-order-ends',
  },
  {
    guard: 'the acknowledgement after the commit',
    edits: [slowHandlers('channel.ack(message); await pause; return void (await this.settle(delivery));')],
    breaks: 'every-order-ends',
  },
];

/** Every delivery is handled a moment later, so that more of the kills meet one that is being handled. */
function slowHandlers(settle: string): Edit {
  return {
    file: 'libs/messaging/dist/rabbitmq/subscription.js',
    find: 'settlement = await this.settle(delivery);',
    replace: `const pause = new Promise((resolve) => setTimeout(resolve, 200)); ${settle}`,
  };
}

/** `PROOF_CONTROL=outbox` runs the controls whose guard has this word. */
const wanted = process.env['PROOF_CONTROL'] ?? '';

describe('the proof under kills', () => {
  it.each(CONTROLS.filter(({ guard }) => guard.includes(wanted)))(
    'is red without $guard',
    async ({ edits, breaks }) => {
      const violations = await runWith(edits);
      expect(violations.filter((violation) => violation.startsWith(breaks))).not.toEqual([]);
    },
  );

  it.runIf('acknowledgement'.includes(wanted))(
    'is green with slow handlers that acknowledge after the commit',
    async () => {
      expect(await runWith([slowHandlers('await pause; settlement = await this.settle(delivery);')])).toEqual([]);
    },
  );
});

async function runWith(edits: readonly Edit[]): Promise<readonly Violation[]> {
  const copy = await editedCopy(edits);
  onTestFinished(copy.remove);
  const system = await spawnSystem({ env: PROOF_SETTINGS, directory: copy.directory });
  const { wishes } = await placeUnderKills(system, seededRandom(1), { orders: 150, killsPerService: 5 });
  return judge(system, wishes);
}
