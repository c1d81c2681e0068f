import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from '@once/testing';
import { WebSocket } from 'undici';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const FLAGS = [
  '--headless',
  // Tests run as root in containers, where Chromium's own sandbox cannot.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--remote-debugging-port=0',
];

interface ProtocolMessage {
  readonly id?: number;
  readonly method?: string;
  readonly params?: {
    readonly exceptionDetails?: { readonly text: string };
    readonly entry?: { readonly level: string; readonly text: string };
  };
  readonly result?: {
    readonly result?: { readonly value?: unknown };
    readonly exceptionDetails?: { readonly text: string };
  };
  readonly error?: { readonly message: string };
}

/** A page in headless Chromium, driven over the DevTools protocol: a browser is all this test needs beside Node. */
export class Browser {
  /** What the page complained about: uncaught errors, refused resources. */
  readonly complaints: string[] = [];
  private readonly answers = new Map<number, (message: ProtocolMessage) => void>();
  private requests = 0;

  private constructor(
    private readonly chromium: ChildProcess,
    private readonly socket: WebSocket,
    private readonly profile: string,
  ) {
    socket.addEventListener('message', ({ data }) => this.receive(JSON.parse(String(data)) as ProtocolMessage));
  }

  static async open(url: string): Promise<Browser> {
    const profile = await mkdtemp(join(tmpdir(), 'sandbox-page-'));
    const chromium = spawn(findChromium(), [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const browser = new Browser(chromium, await connectToPage(chromium), profile);
    await browser.send('Runtime.enable');
    await browser.send('Log.enable');
    await browser.send('Page.enable');
    await browser.send('Page.navigate', { url });
    return browser;
  }

  /** The value of an expression in the page. */
  async evaluate(expression: string): Promise<unknown> {
    const { result } = await this.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (result?.exceptionDetails !== undefined) throw new Error(`${expression}: ${result.exceptionDetails.text}`);
    return result?.result?.value;
  }

  /** The text of everything that matches. */
  async textOf(selector: string): Promise<string> {
    return String(
      await this.evaluate(
        `[...document.querySelectorAll(${JSON.stringify(selector)})].map((element) => element.innerText).join('\\n')`,
      ),
    );
  }

  async click(selector: string): Promise<void> {
    await this.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`);
  }

  /** Puts a value into a field of a form, as a person would see it there. */
  async fill(name: string, value: string): Promise<void> {
    const field = `document.querySelector(${JSON.stringify(`[name="${name}"]`)})`;
    await this.evaluate(`${field}.value = ${JSON.stringify(value)}`);
    if ((await this.evaluate(`${field}.value`)) !== value) throw new Error(`${name} does not take ${value}`);
  }

  async close(): Promise<void> {
    this.socket.close();
    if (this.chromium.exitCode === null) {
      this.chromium.kill();
      await once(this.chromium, 'exit');
    }
    // Chromium's helpers may still be writing for a moment.
    await eventually(() => rm(this.profile, { recursive: true, force: true }));
  }

  private send(method: string, params: object = {}): Promise<ProtocolMessage> {
    const id = (this.requests += 1);
    return new Promise((resolve, reject) => {
      this.answers.set(id, (message) => {
        if (message.error === undefined) resolve(message);
        else reject(new Error(`${method}: ${message.error.message}`));
      });
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }

  private receive(message: ProtocolMessage): void {
    if (message.id !== undefined) this.answers.get(message.id)?.(message);
    if (message.method === 'Runtime.exceptionThrown')
      this.complaints.push(message.params?.exceptionDetails?.text ?? '');
    if (message.method === 'Log.entryAdded' && message.params?.entry?.level === 'error')
      this.complaints.push(message.params.entry.text);
  }
}

function findChromium(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = [
    process.env['CHROMIUM'] ?? '',
    ...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))),
  ];
  const found = candidates.find((path) => path !== '' && existsSync(path));
  if (found !== undefined) return found;
  throw new Error('Chromium is missing: install it (Debian: apt-get install chromium), or name it in CHROMIUM');
}

/** Chromium prints where it can be driven; its first page is listed there. */
async function connectToPage(chromium: ChildProcess): Promise<WebSocket> {
  const { stderr } = chromium;
  if (stderr === null) throw new Error('Chromium has no stderr');
  const lines: string[] = [];
  for await (const line of createInterface({ input: stderr })) {
    lines.push(line);
    const address = /^DevTools listening on ws:\/\/(?<host>[^/]+)\//.exec(line)?.groups?.['host'];
    if (address === undefined) continue;
    const pages = (await (await fetch(`http://${address}/json/list`)).json()) as {
      type: string;
      webSocketDebuggerUrl: string;
    }[];
    const page = pages.find(({ type }) => type === 'page');
    if (page === undefined) throw new Error('Chromium has no page');
    const socket = new WebSocket(page.webSocketDebuggerUrl);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve());
      socket.addEventListener('error', () => reject(new Error('Chromium cannot be driven')));
    });
    stderr.resume();
    return socket;
  }
  throw new Error(`Chromium ended before it was ready:\n${lines.join('\n')}`);
}
