import { homedir } from 'node:os';
import { join } from 'node:path';
import { LaunchError } from './errors.mjs';
import { repository } from './paths.mjs';
import { findExecutable, run } from './processes.mjs';

export const LOAD_TESTS = join(repository, 'load-tests');

const K6_IMAGE = 'grafana/k6:2.2.0';

/**
 * The command that runs k6 with load-tests/ as its working directory: an installed one, or its image. A directory for its
 * output is visible to the image under the same path.
 */
export const findK6 = async ({ outputDirectory } = {}) => {
  const installed = findExecutable('k6', [join(homedir(), '.local/bin')]);
  if (installed) return [installed];
  const hasDocker = await run('docker', ['info'], { timeout: 30_000 }).then(
    () => true,
    () => false,
  );
  if (!hasDocker) {
    throw new LaunchError(
      'k6 is missing: install it as https://grafana.com/docs/k6/latest/set-up/install-k6/ says, build it with Go 1.25 ' +
        '(go install go.k6.io/k6/v2@v2.2.0), or start Docker.',
    );
  }
  const output = outputDirectory
    ? ['--volume', `${outputDirectory}:${outputDirectory}`, '--user', `${process.getuid()}`]
    : [];
  const place = ['--network', 'host', '--volume', `${LOAD_TESTS}:/load-tests:ro`, '--workdir', '/load-tests'];
  return ['docker', 'run', '--rm', ...place, ...output, K6_IMAGE];
};

/** `--env` arguments, which reach k6 in its container too. */
export const environmentArguments = (environment) =>
  Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
