/** k6 built from its module with an installed Go: slow once, and found at once from then on. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from './paths.mjs';
import { findExecutable, run } from './processes.mjs';

export const K6_VERSION = '2.2.0';

/** Where a built one is kept, beside whatever else belongs to this clone and to nobody's history. */
export const BUILT_K6_DIRECTORY = join(repository, '.once/k6');

/** What the module of k6 asks for. */
const GO_MINOR_MIN = 25;

/** Go is fetched from a mirror on a slow line, and two cores compile a few hundred packages. */
const BUILT_WITHIN_MS = 15 * 60_000;

/** The path of a Go that is new enough, or undefined. */
export const findGo = async (directories = ['/usr/local/go/bin']) => {
  const go = findExecutable('go', directories);
  if (go === undefined) return undefined;
  const version = await run(go, ['env', 'GOVERSION'], { timeout: 30_000 }).catch(() => '');
  return isNewEnough(version.trim()) ? go : undefined;
};

const isNewEnough = (version) => {
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= GO_MINOR_MIN);
};

/**
 * `go install` asks the module proxy for the list of versions, and a mirror may have the module without the list. A build that
 * requires the module by its version does not ask.
 */
export const buildK6 = async (go, directory = BUILT_K6_DIRECTORY) => {
  const work = mkdtempSync(join(tmpdir(), 'once-k6-'));
  const built = join(directory, 'k6');
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(
      join(work, 'go.mod'),
      `module k6\n\ngo 1.${GO_MINOR_MIN}.0\n\nrequire go.k6.io/k6/v2 v${K6_VERSION}\n`,
    );
    const environment = { ...process.env, CGO_ENABLED: '0' };
    const options = { cwd: work, env: environment, timeout: BUILT_WITHIN_MS };
    await run(go, ['build', '-mod=mod', '-o', built, 'go.k6.io/k6/v2'], options);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return built;
};
