/**
 * A clone of the repository, in a directory that only its owner may enter, whose services are stand-ins: the launcher under
 * test is the real one, with the installed dependencies of this repository.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@once/testing';

const repository = fileURLToPath(new URL('../..', import.meta.url));

interface PackageJson {
  readonly scripts: Readonly<Record<string, string>>;
}

export interface RunningProcess {
  readonly name: string;
  readonly replica: number;
  readonly pid: number;
  readonly port: number;
}

export class StandInClone {
  readonly directory = mkdtempSync(join(tmpdir(), 'once-clone-'));

  constructor(private readonly environment: Readonly<Record<string, string>>) {
    cpSync(join(repository, 'scripts'), join(this.directory, 'scripts'), { recursive: true });
    cpSync(join(repository, 'package-lock.json'), join(this.directory, 'package-lock.json'));
    symlinkSync(join(repository, 'node_modules'), join(this.directory, 'node_modules'));
    for (const service of ['order', 'payment', 'notification', 'sandbox']) {
      const dist = join(this.directory, 'services', service, 'dist');
      mkdirSync(dist, { recursive: true });
      cpSync(join(repository, 'scripts/test/fixtures/stand-in-service.mjs'), join(dist, 'main.js'));
    }
    const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as PackageJson;
    this.write('package.json', JSON.stringify({ type: 'module', scripts: { ...scripts, build: 'tsc -b' } }));
    this.write('source.ts', 'export const answer: number = 42;\n');
    this.write('tsconfig.json', '{ "compilerOptions": { "noEmit": true, "types": [] }, "files": ["source.ts"] }');
  }

  write(file: string, content: string): void {
    writeFileSync(join(this.directory, file), content);
  }

  /** Runs `npm <script>` as a person would. */
  npm(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Command {
    return new Command('npm', args, this.directory, { ...this.environment, ...environment });
  }

  launcherPid(): number {
    const launcher = JSON.parse(readFileSync(join(this.directory, '.once/launcher.json'), 'utf8')) as { pid: number };
    return launcher.pid;
  }

  running(): RunningProcess[] {
    const file = join(this.directory, '.once/processes.json');
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RunningProcess[]) : [];
  }

  find(name: string): RunningProcess {
    const found = this.running().find((process) => process.name === name);
    if (found === undefined) throw new Error(`${name} is not in processes.json`);
    return found;
  }

  /** Every process on this machine that has something of this clone in its command line or environment. */
  processes(): string[] {
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .filter((pid) => `${readProc(pid, 'cmdline')}${readProc(pid, 'environ')}`.includes(this.directory))
      .map((pid) => `${pid} ${readProc(pid, 'cmdline').replaceAll('\0', ' ')}`);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A process may end while we look at it; it then has neither. */
const readProc = (pid: string, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
};

export class Command {
  readonly exitCode: Promise<number | null>;
  private readonly process: ChildProcess;
  private printed = '';
  private hasEnded = false;

  constructor(command: string, args: readonly string[], cwd: string, environment: Readonly<Record<string, string>>) {
    // A process group of its own, as a shell gives to a foreground job: Ctrl-C reaches all of it.
    this.process = spawn(command, args, {
      cwd,
      env: { ...withoutTestSettings(process.env), ...environment },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process.stdout?.on('data', (chunk: Buffer) => (this.printed += chunk.toString()));
    this.process.stderr?.on('data', (chunk: Buffer) => (this.printed += chunk.toString()));
    this.exitCode = once(this.process, 'close').then(() => {
      this.hasEnded = true;
      return this.process.exitCode;
    });
  }

  get output(): string {
    return this.printed;
  }

  /** Waits for the text; a command that ends without it has failed, and is not waited for. */
  async prints(text: string, withinMs: number): Promise<void> {
    await eventually(
      () => {
        if (!this.printed.includes(text) && !this.hasEnded) throw new Error(`not printed yet: ${text}`);
      },
      { withinMs },
    );
    if (!this.printed.includes(text)) throw new Error(`ended without printing "${text}", but:\n${this.printed}`);
  }

  async succeeds(): Promise<void> {
    const exitCode = await this.exitCode;
    if (exitCode !== 0) throw new Error(`exit code ${exitCode}; it printed:\n${this.printed}`);
  }

  /** The signal goes to npm alone. */
  kill(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** What the terminal does: the signal goes to every process of the job. */
  pressCtrlC(): void {
    if (this.process.pid !== undefined) process.kill(-this.process.pid, 'SIGINT');
  }
}

const withoutTestSettings = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(environment).filter(
      ([name]) => !/^(npm_|ONCE_|TEST_|VITEST|NODE_ENV$|DATABASE_URL$|AMQP_)/i.test(name),
    ),
  );
