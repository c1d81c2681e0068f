/**
 * The state of a running system, on disk so that other programs find it: `launcher.json` says who holds this home,
 * `processes.json` lists name, replica, pid and port of everything that runs.
 *
 * `startedAt` tells a process from a later one with the same id.
 */
import {
  accessSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { LaunchError } from '../lib/errors.mjs';
import { endProcess, startOf } from '../lib/processes.mjs';

const launcherFile = (home) => join(home, 'launcher.json');
const processesFile = (home) => join(home, 'processes.json');

/** The launcher that holds this home, or undefined; one that was killed no longer holds it. */
export const findLauncher = async (home) => {
  const launcher = readJson(launcherFile(home));
  return launcher && (await startOf(launcher.pid)) === launcher.startedAt ? launcher : undefined;
};

/** Makes this process the holder. Answers the one that was faster, if there is one. */
export const claimHome = async (home) => {
  requireWritable(home);
  const holder = await findLauncher(home);
  if (holder) return holder;

  const mine = join(home, `launcher.${process.pid}.json`);
  writeFileSync(mine, JSON.stringify({ pid: process.pid, startedAt: await startOf(process.pid) }));
  rmSync(launcherFile(home), { force: true });
  try {
    linkSync(mine, launcherFile(home)); // unlike a rename, fails when another start was faster
    return undefined;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return findLauncher(home);
  } finally {
    rmSync(mine, { force: true });
  }
};

const requireWritable = (home) => {
  try {
    mkdirSync(home, { recursive: true });
    accessSync(home, constants.W_OK);
  } catch (error) {
    throw new LaunchError(`${home} cannot be written to (${error.code}). Name another directory in ONCE_HOME.`);
  }
};

export const releaseHome = (home) => rmSync(launcherFile(home), { force: true });

/** Ends what a launcher that was killed has left running, last started first. Returns how many processes that were. */
export const endLeftovers = async (home) => {
  let ended = 0;
  for (const { name, pid, startedAt } of (readJson(processesFile(home)) ?? []).reverse()) {
    if ((await startOf(pid)) !== startedAt) continue;
    await endProcess(pid, { signal: name === 'postgres' ? 'SIGINT' : 'SIGTERM', withinMs: 30_000 });
    ended += 1;
  }
  rmSync(processesFile(home), { force: true });
  return ended;
};

/** Keeps `processes.json` true. A reader sees the old list or the new one, never half of one. */
export class ProcessList {
  #entries = [];
  #home;

  constructor(home) {
    this.#home = home;
  }

  async add({ name, replica, pid, port }) {
    const startedAt = await startOf(pid);
    if (startedAt === undefined) return; // it has ended already
    this.#entries.push({ name, replica, pid, port, startedAt });
    this.#write();
  }

  remove(pid) {
    this.#entries = this.#entries.filter((entry) => entry.pid !== pid);
    this.#write();
  }

  #write() {
    const next = `${processesFile(this.#home)}.next`;
    writeFileSync(next, `${JSON.stringify(this.#entries, undefined, 2)}\n`);
    renameSync(next, processesFile(this.#home));
  }
}

const readJson = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined);
