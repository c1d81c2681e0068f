import { homedir } from 'node:os';
import { join } from 'node:path';
import { LaunchError } from './errors.mjs';
import { buildK6, BUILT_K6_DIRECTORY, findGo, K6_VERSION } from './k6-build.mjs';
import { repository } from './paths.mjs';
import { findExecutable, run } from './processes.mjs';

export const LOAD_TESTS = join(repository, 'load-tests');

const K6_IMAGE = `grafana/k6:${K6_VERSION}`;

/**
 * The command that runs k6 with load-tests/ as its working directory: an installed one, its image, or one that is built here. A
 * directory for its output is visible to the image under the same path.
 */
export const findK6 = async ({ outputDirectory } = {}) => {
  const installed = findExecutable('k6', [join(homedir(), '.local/bin'), BUILT_K6_DIRECTORY]);
  if (installed) return [installed];
  if (!(await isDockerUp())) return [await buildWithGo()];
  const output = outputDirectory
    ? ['--volume', `${outputDirectory}:${outputDirectory}`, '--user', `${process.getuid()}`]
    : [];
  const place = ['--network', 'host', '--volume', `${LOAD_TESTS}:/load-tests:ro`, '--workdir', '/load-tests'];
  return ['docker', 'run', '--rm', ...place, ...output, K6_IMAGE];
};

const isDockerUp = () =>
  run('docker', ['info'], { timeout: 30_000 }).then(
    () => true,
    () => false,
  );

const buildWithGo = async () => {
  const go = await findGo();
  if (go === undefined) {
    throw new LaunchError(
      'k6 is missing: install it as https://grafana.com/docs/k6/latest/set-up/install-k6/ says, or install Go 1.25 so that ' +
        'it is built here, or start Docker.',
    );
  }
  console.error('building k6 with Go, once; this takes minutes');
  return buildK6(go);
};

/** `--env` arguments, which reach k6 in its container too. */
export const environmentArguments = (environment) =>
  Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
