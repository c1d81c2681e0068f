import { Duplex } from 'node:stream';
import { connect, type ChannelModel } from 'amqplib';
import { ConnectionClosedError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { ConnectionState } from '../publisher.js';
import { endsWithin } from '../wait.js';

/**
 * One TCP connection to one of several brokers, opened on demand. It does not reconnect by itself: the supervisors of its
 * channels ask for it again, and whoever asks first opens it for all.
 *
 * amqplib's own recovery is not used: it counts a connection as live that died during setup, it hangs over a half-open
 * handshake without a timeout, and it restores no channel anyway.
 */
export class BrokerConnection {
  private model: ChannelModel | undefined;
  private opening: Promise<ChannelModel> | undefined;
  private isBlocked = false;
  private isClosed = false;
  private attempts = 0;

  constructor(
    private readonly options: BrokerConnectionOptions,
    private readonly logger: Logger,
    private readonly changed: (state: ConnectionState) => void,
  ) {}

  /** The live connection, or a new one to the next of the URLs. */
  open(): Promise<ChannelModel> {
    if (this.isClosed) return Promise.reject(new ConnectionClosedError());
    if (this.model !== undefined) return Promise.resolve(this.model);
    this.opening ??= this.connect().finally(() => {
      this.opening = undefined;
    });
    return this.opening;
  }

  state(): ConnectionState {
    if (this.model === undefined) return 'down';
    return this.isBlocked ? 'blocked' : 'up';
  }

  /** Gives a connection up that answers no more. Nothing is said to the broker: over a half-open link it would not arrive. */
  drop(model: ChannelModel, reason: Error): void {
    this.forget(model);
    destroySocket(model, reason);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const { model } = this;
    if (model === undefined) return;
    this.forget(model);
    await endsWithin(CLOSE_MS, closeQuietly(model));
    destroySocket(model, new ConnectionClosedError());
  }

  private async connect(): Promise<ChannelModel> {
    const url = this.nextUrl();
    const model = await connect(url.href, {
      timeout: CONNECT_MS,
      noDelay: true,
      clientProperties: { connection_name: this.options.name },
    });
    // Without a listener an 'error' would end the process; what it means is handled at 'close', which always follows.
    model.on('error', (error) =>
      this.logger.debug({ connection: this.options.name, reason: error.message }, 'broker error'),
    );
    model.on('close', (error) => {
      destroySocket(model);
      if (this.forget(model)) {
        this.logger.warn(
          { connection: this.options.name, reason: error?.message ?? 'closed' },
          'broker connection lost',
        );
      }
    });
    model.on('blocked', (reason) => this.block(model, reason));
    model.on('unblocked', () => this.unblock(model));
    if (this.isClosed) {
      destroySocket(model);
      throw new ConnectionClosedError();
    }
    this.model = model;
    this.isBlocked = false;
    this.logger.info({ connection: this.options.name, broker: url.host }, 'broker connected');
    this.changed(this.state());
    return model;
  }

  private nextUrl(): URL {
    const { urls, heartbeatSeconds } = this.options;
    const url = new URL(urls[this.attempts % urls.length] ?? '');
    this.attempts += 1;
    if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', String(heartbeatSeconds));
    return url;
  }

  private block(model: ChannelModel, reason: string): void {
    if (this.model !== model) return;
    this.isBlocked = true;
    this.logger.warn({ connection: this.options.name, reason }, 'broker takes no messages');
    this.changed(this.state());
  }

  private unblock(model: ChannelModel): void {
    if (this.model !== model) return;
    this.isBlocked = false;
    this.changed(this.state());
  }

  private forget(model: ChannelModel): boolean {
    if (this.model !== model) return false;
    this.model = undefined;
    this.isBlocked = false;
    this.changed(this.state());
    return true;
  }
}

export interface BrokerConnectionOptions {
  /** Tried in turn: the nodes of a cluster. */
  readonly urls: readonly string[];
  /** Shown by the broker's tools. */
  readonly name: string;
  /** A dead peer is noticed after two of them. */
  readonly heartbeatSeconds: number;
}

/** TCP, TLS and the AMQP handshake together. A half-open network otherwise holds the handshake for ever. */
const CONNECT_MS = 5_000;

/** The closing handshake is politeness; a broker that does not answer it is left. */
const CLOSE_MS = 1_000;

async function closeQuietly(model: ChannelModel): Promise<void> {
  // Rejects when the connection is closed already, which is what is wanted.
  await model.close().catch(() => {});
}

/**
 * amqplib only ends its side of the socket, and over a half-open link that waits for ever. The types do not show the
 * socket; with an error it also tells amqplib that the connection is gone, without one it does so in silence.
 */
function destroySocket(model: ChannelModel, reason?: Error): void {
  const { connection } = model;
  if ('stream' in connection && connection.stream instanceof Duplex) connection.stream.destroy(reason);
}
