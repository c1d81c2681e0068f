import { describe, expect, it } from 'vitest';
import { eventually } from '@once/testing';
import { Supervisor } from '../launcher/supervisor.mjs';

/** A process without a process: the test decides when it ends. */
class FakeProcess {
  readonly exited: Promise<string>;
  end: (how: string) => void = () => {};

  constructor(
    readonly pid: number,
    private readonly story: string[],
    private readonly becomesReady = true,
  ) {
    this.exited = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  async waitUntilReady(): Promise<void> {
    if (!this.becomesReady) throw new Error(`${this.pid} did not come up`);
  }

  async stop(): Promise<void> {
    this.story.push(`stop ${this.pid}`);
    this.end('SIGTERM');
  }
}

/** A start that gives these processes one after the other; an error stands for a start that fails. */
const inTurn = (...outcomes: (FakeProcess | Error)[]): (() => Promise<FakeProcess>) => {
  return async () => {
    const next = outcomes.shift() ?? new Error('started more often than expected');
    if (next instanceof Error) throw next;
    return next;
  };
};

const given = (): { supervisor: Supervisor; story: string[] } => {
  const story: string[] = [];
  const processList = {
    add: async ({ pid }: { pid: number }) => void story.push(`add ${pid}`),
    remove: (pid: number) => void story.push(`remove ${pid}`),
  };
  return { story, supervisor: new Supervisor({ processList, report: (line: string) => void story.push(line) }) };
};

describe('Supervisor', () => {
  it('starts a process again that ends, and lists the new one in place of the old', async () => {
    const { supervisor, story } = given();
    const first = new FakeProcess(1, story);
    await supervisor.run({ name: 'order', port: 3000, start: inTurn(first, new FakeProcess(2, story)) });
    first.end('SIGKILL');
    await eventually(() => expect(story).toContain('add 2'));
    expect(story).toEqual([
      'add 1',
      'order is ready on port 3000',
      'remove 1',
      'order has ended (SIGKILL); starting it again in 0.25 s',
      'add 2',
    ]);
  });

  it('tries again when even the start fails', async () => {
    const { supervisor, story } = given();
    const first = new FakeProcess(1, story);
    const start = inTurn(first, new Error('no memory'), new FakeProcess(3, story));
    await supervisor.run({ name: 'order', port: 3000, start });
    first.end('SIGKILL');
    await eventually(() => expect(story).toContain('add 3'));
    expect(story).toContain('order has ended (no memory); starting it again in 0.5 s');
  });

  it('does not start again what was never ready, and says why', async () => {
    const { supervisor, story } = given();
    const failing = new FakeProcess(1, story, false);
    const run = supervisor.run({ name: 'order', port: 3000, start: inTurn(failing) });
    await expect(run).rejects.toThrow('1 did not come up');
    failing.end('exit code 1');
    await failing.exited;
    expect(story).toEqual(['add 1', 'remove 1']);
  });

  it('ends the last started first, and starts nothing any more', async () => {
    const { supervisor, story } = given();
    await supervisor.run({ name: 'postgres', port: 3032, start: inTurn(new FakeProcess(1, story)) });
    await supervisor.run({ name: 'order', port: 3000, start: inTurn(new FakeProcess(2, story)) });
    await supervisor.stop();
    expect(story.filter((line) => /^stop|again/.test(line))).toEqual(['stop 2', 'stop 1']);
    await expect(supervisor.run({ name: 'late', port: 1, start: inTurn(new FakeProcess(3, story)) })).rejects.toThrow(
      /aborted/,
    );
  });
});
