import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onTestFinished, TestRunner } from 'vitest';
import { eventually } from './eventually.js';
import { announceService, forgetService, freePort } from './test-infrastructure.js';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** Starting all services at once stays far below this, also on two cores that others keep busy. */
const READY_WITHIN_MS = 180_000;

/** A service that has not ended by then ignores SIGTERM, which is a failure of its own. */
const STOP_WITHIN_MS = 20_000;

export interface ServiceOptions {
  /** Folder below `services/`. */
  readonly name: string;
  /** Default 0. */
  readonly replica?: number;
  /** Default: a free one, kept over restarts. */
  readonly port?: number;
  /** Added to the test's own environment, PORT, HOST and REPLICA. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default 180,000. */
  readonly readyWithinMs?: number;
  /** Another script to run; default `services/<name>/dist/main.js`. */
  readonly entry?: string;
}

/**
 * Starts a built service as a process of its own and waits until it is ready. The process ends with the test that started
 * it, or with the file when it was started outside a test.
 */
export const spawnService = async (options: ServiceOptions): Promise<SpawnedService> => {
  const service = new SpawnedService(options, options.port ?? (await freePort()));
  spawned.add(service);
  if (TestRunner.getCurrentTest() !== undefined) onTestFinished(() => service.kill());
  await service.start();
  return service;
};

const spawned = new Set<SpawnedService>();

/** Called after each test file (see stop-spawned-services.ts). */
export const killSpawnedServices = async (): Promise<void> => {
  await Promise.all([...spawned].map((service) => service.kill()));
  spawned.clear();
};

export class SpawnedService {
  readonly url: string;
  private process: ChildProcess | undefined;
  private output = '';

  constructor(
    private readonly options: ServiceOptions,
    readonly port: number,
  ) {
    this.url = `http://127.0.0.1:${port}`;
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  get isRunning(): boolean {
    return this.process !== undefined && this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Everything the process has printed, over all its starts. */
  logs(): string {
    return this.output;
  }

  /** Starts the process and waits until it is ready. */
  async start(): Promise<void> {
    await this.launch();
    await this.waitUntilReady();
  }

  /** Starts the process without waiting, for tests that interfere with the start itself. */
  async launch(): Promise<void> {
    const { name, replica = 0, env = {}, entry = `${repository}services/${name}/dist/main.js` } = this.options;
    if (this.isRunning) throw new Error(`${name} is running already`);
    if (!existsSync(entry)) throw new Error(`${entry} is missing: build first (npm run build)`);

    const child = spawn(process.execPath, ['--enable-source-maps', entry], {
      env: { ...process.env, HOST: '127.0.0.1', PORT: String(this.port), REPLICA: String(replica), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.process = child;
    await once(child, 'spawn');
    if (child.pid !== undefined) await announceService(child.pid);
  }

  async waitUntilReady(): Promise<void> {
    const { name, readyWithinMs = READY_WITHIN_MS } = this.options;
    const isReady = async (): Promise<boolean> => {
      if (!this.isRunning) return true; // judged below: waiting longer cannot help
      const response = await fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
      return true;
    };
    try {
      await eventually(isReady, { withinMs: readyWithinMs });
    } catch (error) {
      throw new Error(`${name} is not ready. It printed:\n${this.lastLines()}`, { cause: error });
    }
    if (!this.isRunning) throw new Error(`${name} ended before it was ready. It printed:\n${this.lastLines()}`);
  }

  /** SIGKILL: what a crash, or an impatient orchestrator, does. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Another process of this service: the same settings but those of `env`, a port and a number of its own. */
  replica(number: number, env: Readonly<Record<string, string>> = {}): Promise<SpawnedService> {
    const { port: _port, ...options } = this.options;
    return spawnService({ ...options, replica: number, env: { ...options.env, ...env } });
  }

  /** SIGTERM, and waits for the process to end by itself; returns its exit code. */
  async stop(): Promise<number | null> {
    const deadline = setTimeout(() => this.process?.kill('SIGKILL'), STOP_WITHIN_MS);
    await this.end('SIGTERM');
    clearTimeout(deadline);
    if (this.process?.signalCode === 'SIGKILL') {
      throw new Error(
        `${this.options.name} ignored SIGTERM for ${STOP_WITHIN_MS} ms. It printed:\n${this.lastLines()}`,
      );
    }
    return this.process?.exitCode ?? null;
  }

  /** SIGSTOP: the process keeps its sockets and leases and does nothing, like one in a very long pause. */
  freeze(): void {
    this.process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.process?.kill('SIGCONT');
  }

  /** Ends the process with `signal` and starts it again on the same port. */
  async restart(signal: 'SIGKILL' | 'SIGTERM' = 'SIGTERM'): Promise<void> {
    await (signal === 'SIGKILL' ? this.kill() : this.stop());
    await this.start();
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.process;
    if (child?.pid === undefined || !this.isRunning) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    await forgetService(child.pid);
  }

  private lastLines(): string {
    return this.output.trimEnd().split('\n').slice(-30).join('\n');
  }
}
