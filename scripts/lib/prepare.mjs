/** From a fresh clone to something that runs: the right Node, the locked dependencies, the compiled workspaces. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LaunchError } from './errors.mjs';
import { repository } from './paths.mjs';
import { run } from './processes.mjs';

/** Ten times what a slow line needs; a registry that is silent for longer will not answer. */
const INSTALL_WITHIN_MS = 15 * 60_000;

export const checkNodeVersion = () => {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const isSupported = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  if (isSupported) return;
  throw new LaunchError(`Node ${process.versions.node} is too old: 20.19 or newer, or 22.12 or newer, is needed.`);
};

/**
 * Installs what the lock file says unless it is there already. npm keeps its own record of what it has installed, written
 * last, so an install that was interrupted counts as none.
 */
export const installDependencies = async ({ report, signal }) => {
  if (isInstalled()) return;
  report('installing the dependencies (npm ci), which takes a minute');
  const timeout = AbortSignal.timeout(INSTALL_WITHIN_MS);
  try {
    await runNpm(['ci', '--no-audit', '--no-fund'], signal ? AbortSignal.any([signal, timeout]) : timeout);
  } catch (error) {
    throw new LaunchError(`npm ci failed, so nothing can be started.\n\n${error.message.trimEnd()}`);
  }
};

const isInstalled = () => {
  const record = join(repository, 'node_modules/.package-lock.json');
  if (!existsSync(record) || !existsSync(join(repository, 'node_modules/.bin/tsc'))) return false;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  const locked = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(locked)
    .filter(([path]) => path.startsWith('node_modules/'))
    .every(([path, { version, optional }]) => (path in installed ? installed[path].version === version : optional));
};

export const buildWorkspaces = async ({ report, signal }) => {
  report('compiling');
  try {
    await runNpm(['run', '--silent', 'build'], signal);
  } catch (error) {
    throw new LaunchError(`The build failed.\n\n${error.message.trimEnd()}`);
  }
};

/** The npm that runs us, if one does, rather than the first on the PATH. */
const runNpm = (args, signal) => {
  const [command, ...first] = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  return run(command, [...first, ...args], { cwd: repository, signal });
};
