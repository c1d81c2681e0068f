import { spawn } from 'node:child_process';
import { accessSync, closeSync, constants, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { LaunchError } from './errors.mjs';
import { pollUntil } from './wait.mjs';

/** A daemon that ignores the polite signal for longer than this is ended by force. */
const STOP_WITHIN_MS = 30_000;

/**
 * Starts a long-running program that writes to a log file. It gets a session of its own, which keeps the terminal's Ctrl-C
 * away from it: what we start, we stop ourselves, and in order.
 */
export const spawnDaemon = (command, args, { logFile, ...options }) => {
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);

  let end;
  const exited = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  }).then((how) => (end = how));

  return {
    pid: child.pid,
    /** Resolves with how it ended. */
    exited,
    stop: async (signal = 'SIGTERM') => {
      if (child.pid && end === undefined) await endProcess(child.pid, { signal, withinMs: STOP_WITHIN_MS });
    },
    /** Polls `probe` until it answers true; rejects with the end of the log when the program ends or takes too long. */
    waitUntilReady: async (name, probe, { withinMs }) => {
      await pollUntil(() => end ?? probe(), { withinMs });
      if (end === undefined && (await probe())) return;
      const what = end === undefined ? `was not ready after ${withinMs / 1_000} s` : `ended (${end})`;
      throw new LaunchError(`${name} did not come up: it ${what}. The end of ${logFile}:\n\n${lastLines(logFile)}`);
    },
  };
};

/** Asks a process to end and, past the deadline, forces it. Whatever it leaves behind in its group goes too. */
export const endProcess = async (pid, { signal, withinMs }) => {
  sendSignal(pid, signal);
  if (!(await pollUntil(() => !isAlive(pid), { withinMs, everyMs: 20 }))) sendSignal(pid, 'SIGKILL');
  sendSignal(-pid, 'SIGKILL');
  await pollUntil(() => !isAlive(pid), { withinMs: 5_000, everyMs: 20 });
};

/**
 * Signal 0 asks the kernel whether the process exists. One that has ended and waits for a parent to notice, as in containers
 * whose first process never does, is not alive.
 */
const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return procStat(pid)?.state !== 'Z';
  } catch (error) {
    return error.code === 'EPERM';
  }
};

export const sendSignal = (pid, signal) => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
};

/**
 * When the process with this id was started, or undefined when there is none. Process ids are used again: a process is the
 * one we remember only if its id and its start agree.
 */
export const startOf = async (pid) => {
  if (!isAlive(pid)) return undefined;
  if (process.platform === 'linux') return procStat(pid)?.startedAt;
  return (await run('ps', ['-o', 'lstart=', '-p', String(pid)])).trim();
};

/** State and start are the fields 3 and 22; counting starts behind the command's bracket, for a command may hold spaces. */
const procStat = (pid) => {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return undefined;
  const fields = readFileSync(file, 'utf8').split(') ').at(-1).split(' ');
  return { state: fields[0], startedAt: fields[19] };
};

/** Resolves with what a short command printed; rejects with its output when it fails. */
export const run = (command, args, options = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) => {
      if (child.pid === undefined) reject(error); // otherwise it is being aborted, and `close` tells when it has ended
    });
    child.once('close', (code, signal) => {
      const output = Buffer.concat(chunks).toString();
      if (code === 0) resolve(output);
      else reject(new Error(`${command} ${args.join(' ')} ended with ${signal ?? code}\n${output}`));
    });
  });

/** Where a command is on the PATH (and in the system directories a user's PATH may lack), or undefined. */
export const findExecutable = (name, extraDirectories = []) =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', ...extraDirectories]
    .filter(Boolean)
    .map((directory) => join(directory, name))
    .find(isExecutableFile);

const isExecutableFile = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // an unreadable PATH entry is the same as one without the command
  }
};

const lastLines = (file) => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
