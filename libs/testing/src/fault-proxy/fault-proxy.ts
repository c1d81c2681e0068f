import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { ArmedFault, describeFault, type Fault } from './fault.js';
import { Link, type LinkSpeed } from './link.js';
import { ProxiedConnection } from './proxied-connection.js';
import { protocolOf, UnderstoodConnection, type WireProtocol } from './understood-stream.js';
import type { WireEvent, WireEventKind } from './wire-event.js';

/**
 * Stands between a client and a server and does to their real connections what networks and dying peers do: at a chosen
 * event of the conversation (`arm`), or to the whole link (`cutAll`, `holdAll`, `slow`, `refuse`).
 *
 * Reads AMQP 0-9-1, Postgres, HTTP/1.1 and SMTP as they pass, keeps the order of every byte, holds up a sender whose receiver is
 * slow, and passes on unread what it does not understand. It listens on 127.0.0.1 and must be closed.
 */
export class FaultProxy {
  /** The target's address, through the proxy. */
  readonly url: string;
  readonly journal: JournalEntry[] = [];
  private readonly link = new Link();
  private readonly open = new Set<ProxiedConnection>();
  private readonly faults = new Set<ArmedFault>();
  private readonly counts = new Map<WireEventKind, number>();
  private readonly recordings = new Set<PassedEvent[]>();
  private connectionsSoFar = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
    private readonly port: number,
    private readonly options: FaultProxyOptions,
  ) {
    const url = new URL(target);
    url.hostname = '127.0.0.1';
    url.port = String(port);
    this.url = target.pathname === '/' ? url.href.replace(/\/$/, '') : url.href;
    server.on('connection', (client) => void this.join(client));
  }

  static async before(targetUrl: string, options: FaultProxyOptions = {}): Promise<FaultProxy> {
    const target = new URL(targetUrl);
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.listen(options.port ?? 0, '127.0.0.1');
    await once(server, 'listening');
    return new FaultProxy(server, target, (server.address() as AddressInfo).port, options);
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.open.size;
  }

  /** How many events of this kind have passed completely so far. */
  count(kind: WireEventKind): number {
    return this.counts.get(kind) ?? 0;
  }

  /** Lets a fault strike once, at the event that it names. */
  arm(fault: Fault): ArmedFault {
    const armed = new ArmedFault(fault);
    this.faults.add(armed);
    this.log(`armed: ${describeFault(armed)}`);
    return armed;
  }

  /** Nothing that is armed will strike; what is held goes on. */
  disarmAll(): void {
    for (const armed of this.faults) armed.disarm();
    this.faults.clear();
  }

  /** The events that begin to pass from now on, in their order, until the function is called that this returns. */
  record(): () => readonly PassedEvent[] {
    const recording: PassedEvent[] = [];
    this.recordings.add(recording);
    return () => {
      this.recordings.delete(recording);
      return recording;
    };
  }

  /** Resets every connection. New ones are accepted. */
  cutAll(): void {
    this.log(`cut ${this.open.size} connections`);
    for (const connection of this.open) connection.cut();
  }

  /** Half open, connections to come included: nothing passes, and nobody is told. */
  holdAll(): void {
    this.log(`hold ${this.open.size} connections`);
    this.link.hold();
  }

  /** What was held goes on, in order, whatever became of the two sides meanwhile. */
  releaseAll(): void {
    this.log('release');
    this.link.release();
  }

  /** `slow({})` ends it. */
  slow(speed: LinkSpeed): void {
    this.log(`slow ${JSON.stringify(speed)}`);
    this.link.slow(speed);
  }

  /** Closes the port: new connections are refused by the system. Those that are open stay. */
  async refuse(): Promise<void> {
    if (!this.server.listening) return;
    this.log('refuse new connections');
    this.server.close();
    await eventsSettled();
  }

  /** Opens the port again. */
  async accept(): Promise<void> {
    if (this.server.listening) return;
    this.log('accept new connections');
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  async close(): Promise<void> {
    this.disarmAll();
    this.link.release();
    for (const connection of this.open) connection.cut();
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    await closed;
  }

  private async join(client: Socket): Promise<void> {
    this.connectionsSoFar += 1;
    const number = this.connectionsSoFar;
    const { hostname, port, protocol } = this.target;
    const server = connect({
      host: hostname,
      port: Number(port === '' ? USUAL_PORTS[protocol] : port),
      allowHalfOpen: true,
      noDelay: true,
    });
    const log = (what: string): void => this.log(`connection ${number}: ${what}`);
    const understood = new UnderstoodConnection(this.options.protocol ?? protocolOf(this.target), (reason) =>
      log(`passed on unread: ${reason}`),
    );
    const connection = new ProxiedConnection(client, server, understood, this.link, {
      meet: (moment, event) => this.meet(moment, event, number),
      log,
    });
    this.open.add(connection);
    await connection.run();
    this.open.delete(connection);
  }

  private meet(moment: 'before' | 'after', event: WireEvent, connection: number): readonly ArmedFault[] {
    if (moment === 'after') this.counts.set(event.kind, this.count(event.kind) + 1);
    else for (const recording of this.recordings) recording.push({ ...event, connection, at: new Date() });
    if (this.faults.size === 0) return [];
    const striking = [...this.faults].filter((armed) => armed.meets(moment, event));
    for (const armed of striking) {
      if (armed.fault.action.kind !== 'hold') this.faults.delete(armed);
      this.log(`connection ${connection}: ${describeFault(armed)} (${event.detail.slice(0, DETAIL_CHARS)})`);
    }
    return striking;
  }

  private log(what: string): void {
    const entry = { at: new Date(), what };
    if (this.journal.length >= JOURNAL_MAX) this.journal.shift();
    this.journal.push(entry);
    this.options.log?.(entry);
  }
}

export interface FaultProxyOptions {
  /** Default: told by the URL. */
  readonly protocol?: WireProtocol;
  /** Default: any free one. */
  readonly port?: number;
  /** Told what the journal gets, as it happens. */
  readonly log?: (entry: JournalEntry) => void;
}

/** What the proxy did, and when. */
export interface JournalEntry {
  readonly at: Date;
  readonly what: string;
}

export interface PassedEvent extends WireEvent {
  /** Number of the connection, from 1. */
  readonly connection: number;
  readonly at: Date;
}

const USUAL_PORTS: Readonly<Record<string, string>> = {
  'amqp:': '5672',
  'postgres:': '5432',
  'postgresql:': '5432',
  'http:': '80',
  'smtp:': '25',
};

/** Hours of a chaos run; an entry is a line. */
const JOURNAL_MAX = 10_000;

/** A statement is longer than anybody wants to read in a journal. */
const DETAIL_CHARS = 80;

/** `close` of a server takes effect at once, its event comes when the last connection has gone. */
const eventsSettled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
