/**
 * Keeps processes running: one that ends unasked is started again, after a pause that doubles while it keeps ending.
 * Before its first readiness a process is not restarted; it has then failed to start, and so has the system.
 */
import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/** A process that has lived this long is healthy again: its next end is a new story. */
const HEALTHY_AFTER_MS = 30_000;

export class Supervisor {
  #members = [];
  #stopping = new AbortController();
  #processList;
  #report;
  #longestPauseMs;

  constructor({ processList, report, longestPauseMs = LONGEST_PAUSE_MS }) {
    this.#processList = processList;
    this.#report = report;
    this.#longestPauseMs = longestPauseMs;
  }

  /** Interrupts whatever a `start` below waits for. */
  get signal() {
    return this.#stopping.signal;
  }

  /**
   * Starts a process and resolves when it is ready.
   *
   * @param {{ name: string, replica?: number, port: number,
   *           start: () => Promise<{ pid: number, exited: Promise<string>, waitUntilReady: () => Promise<void>, stop: () => Promise<void> }> }} description
   */
  async run(description) {
    const member = { description, label: labelOf(description), hasBeenReady: false, pauseMs: FIRST_PAUSE_MS };
    this.#members.push(member);
    await this.#start(member);
    await member.process.waitUntilReady();
    member.hasBeenReady = true;
    this.#report(`${member.label} is ready on port ${description.port}`);
  }

  /** Ends everything, last started first; nothing is restarted any more. */
  async stop() {
    this.#stopping.abort();
    for (const member of this.#members.splice(0).reverse()) {
      await member.starting?.catch(() => {}); // whoever asked for it has its error
      if (!member.process) continue;
      await member.process.stop();
      this.#processList.remove(member.process.pid);
      this.#report(`${member.label} has stopped`);
    }
  }

  #start(member) {
    this.#stopping.signal.throwIfAborted();
    member.starting = this.#spawn(member);
    return member.starting;
  }

  async #spawn(member) {
    const { name, replica = 0, port, start } = member.description;
    member.process = await start();
    const { pid, exited } = member.process;
    const startedAt = performance.now();
    void exited.then((how) => this.#revive(member, pid, how, performance.now() - startedAt));
    if (pid !== undefined) await this.#processList.add({ name, replica, pid, port });
  }

  async #revive(member, pid, how, livedMs) {
    this.#processList.remove(pid);
    if (!member.hasBeenReady || this.signal.aborted) return;
    if (livedMs > HEALTHY_AFTER_MS) member.pauseMs = FIRST_PAUSE_MS;
    this.#report(`${member.label} has ended (${how}); starting it again in ${member.pauseMs / 1_000} s`);
    await sleep(member.pauseMs);
    member.pauseMs = Math.min(member.pauseMs * 2, this.#longestPauseMs);
    if (this.signal.aborted) return;
    try {
      await this.#start(member);
    } catch (error) {
      await this.#revive(member, undefined, error.message, 0);
    }
  }
}

const labelOf = ({ name, replica = 0 }) => (replica === 0 ? name : `${name} (replica ${replica})`);
