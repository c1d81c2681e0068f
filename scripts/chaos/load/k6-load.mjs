/** k6 as a part of the run: started, listened to line by line while it runs, and ended with us. */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { LaunchError } from '../../lib/errors.mjs';
import { environmentArguments, findK6, LOAD_TESTS } from '../../lib/k6.mjs';

const LISTEN_EVERY_MS = 250;
const CHUNK_BYTES = 1 << 20;

/**
 * k6 can write nothing but its log, so the requests are lines of it. They are put into requests.jsonl, as the audit reads it,
 * and handed to `onRequest`; whatever else k6 says goes to k6.log.
 */
export class K6Load {
  requestLog;
  #directory;
  #raw;
  #onRequest;
  #child;
  #position = 0;
  #rest = '';
  #listening;
  #requests;
  #remarks;

  constructor(directory, onRequest) {
    mkdirSync(directory, { recursive: true });
    this.#directory = directory;
    this.#onRequest = onRequest;
    this.#raw = join(directory, 'k6-raw.log');
    this.requestLog = join(directory, 'requests.jsonl');
    writeFileSync(this.#raw, '');
    this.#requests = createWriteStream(this.requestLog);
    this.#remarks = createWriteStream(join(directory, 'k6.log'));
  }

  async start(workload, environment) {
    const [command, ...prefix] = await findK6({ outputDirectory: this.#directory });
    const args = ['run', '--quiet', '--no-usage-report', '--log-format', 'raw', '--log-output', `file=${this.#raw}`];
    const summary = ['--summary-export', join(this.#directory, 'k6-summary.json')];
    this.#child = spawn(
      command,
      [...prefix, ...args, ...summary, ...environmentArguments(environment), `workloads/${workload}.ts`],
      { cwd: LOAD_TESTS, stdio: ['ignore', 'ignore', 'ignore'], detached: true },
    );
    const file = openSync(this.#raw, 'r');
    this.#listening = setInterval(() => this.#listen(file), LISTEN_EVERY_MS);
    this.ended = this.#end(file);
    // Whoever is interrupted waits for it no more, and has a system to stop: a rejection that nobody hears would end the process.
    this.ended.catch(() => undefined);
  }

  /** A second interrupt makes k6 drop what it still waits for. */
  stop() {
    this.#child?.kill('SIGINT');
    setTimeout(() => this.#child?.kill('SIGKILL'), 2_000).unref();
  }

  /** Resolves with whether every check of the workload held; 99 is k6's word for a crossed threshold. */
  async #end(file) {
    const [code, signal] = await once(this.#child, 'exit');
    clearInterval(this.#listening);
    this.#listen(file);
    await Promise.all([this.#requests, this.#remarks].map((stream) => new Promise((done) => stream.end(done))));
    if (code === 0 || code === 99) return code === 0;
    throw new LaunchError(
      `k6 could not run the workload (${signal ?? code}); ${join(this.#directory, 'k6.log')} says why.`,
    );
  }

  #listen(file) {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      const length = readSync(file, buffer, 0, CHUNK_BYTES, this.#position);
      if (length === 0) return;
      this.#position += length;
      const lines = (this.#rest + buffer.toString('utf8', 0, length)).split('\n');
      this.#rest = lines.pop();
      for (const line of lines) this.#take(line);
    }
  }

  #take(line) {
    if (!line.startsWith('{"sent_at"')) {
      this.#remarks.write(`${line}\n`);
      return;
    }
    this.#requests.write(`${line}\n`);
    this.#onRequest(JSON.parse(line));
  }
}
