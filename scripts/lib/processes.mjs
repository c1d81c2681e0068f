import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pollUntil } from './wait.mjs';

/** Signal 0 asks the kernel whether the process (or, for a negative id, the process group) exists. */
export const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
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

/** Asks the process to end and, past the deadline, ends its whole group. Returns when nothing of it is left. */
export const endProcess = async (pid, { signal = 'SIGTERM', withinMs }) => {
  sendSignal(pid, signal);
  if (!(await pollUntil(() => !isAlive(pid), { withinMs, everyMs: 20 }))) sendSignal(pid, 'SIGKILL');
  sendSignal(-pid, 'SIGKILL');
  await pollUntil(() => !isAlive(pid) && !isAlive(-pid), { withinMs: 5_000, everyMs: 20 });
};

/** Resolves with what a short command printed; rejects with its output when it fails. */
export const run = (command, args, options = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    child.once('error', reject);
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
