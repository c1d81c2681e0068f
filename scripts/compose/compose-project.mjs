/** The containers of docker-compose.yml as a project of the caller's own, on ports of its own, beside whatever else runs. */
import { LaunchError } from '../lib/errors.mjs';
import { repository } from '../lib/paths.mjs';
import { run } from '../lib/processes.mjs';

/** An image built from nothing on a slow network, with room. */
const BUILD_WITHIN_MS = 10 * 60_000;
/** Containers that are not healthy after this are not going to be. */
const HEALTHY_WITHIN_S = 180;
const LOGS_WITHIN_MS = 60_000;
const DOWN_WITHIN_MS = 120_000;

export class ComposeProject {
  #profiles;
  #environment;

  /** @param {{ name: string, profiles?: string[], environment: Record<string, string | number> }} options `environment`: ports and settings */
  constructor({ name, profiles = [], environment }) {
    this.name = name;
    this.#profiles = profiles;
    this.#environment = environment;
  }

  static async checkEngine() {
    await run('docker', ['compose', 'version'], { timeout: 30_000 })
      .then(() => run('docker', ['info'], { timeout: 30_000 }))
      .catch((error) => {
        throw new LaunchError(`No Docker engine with Compose v2 answers here: ${lastLine(error.message)}`);
      });
  }

  build() {
    return this.run(['build', '--quiet'], BUILD_WITHIN_MS);
  }

  /** Resolves when every container is healthy. */
  up() {
    const args = ['up', '--detach', '--wait', '--wait-timeout', `${HEALTHY_WITHIN_S}`];
    return this.run(args, (HEALTHY_WITHIN_S + 60) * 1_000);
  }

  down() {
    return this.run(['down', '--volumes', '--remove-orphans', '--timeout', '2'], DOWN_WITHIN_MS);
  }

  /** The newest lines of every container, to show what went wrong. */
  newestLogs() {
    return this.run(['logs', '--no-color', '--tail', '40'], LOGS_WITHIN_MS).catch(() => '');
  }

  /** Everything that these services have logged. */
  logs(services) {
    return this.run(['logs', '--no-color', ...services], LOGS_WITHIN_MS);
  }

  /** Runs one subcommand of `docker compose` and returns what it printed. */
  run(args, withinMs) {
    const profiles = this.#profiles.flatMap((profile) => ['--profile', profile]);
    return run('docker', ['compose', '--project-name', this.name, ...profiles, ...args], {
      cwd: repository,
      env: { ...process.env, ...this.#environment },
      timeout: withinMs,
    }).catch((error) => {
      throw new LaunchError(`docker compose ${args[0]} failed:\n${lastLines(error.message)}`);
    });
  }
}

/** A build says what was wrong in its last lines. */
const lastLines = (text) => text.trimEnd().split('\n').slice(-12).join('\n');

const lastLine = (text) => text.trim().split('\n').at(-1);
