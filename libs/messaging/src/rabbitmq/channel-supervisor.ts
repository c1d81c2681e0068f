import type { Channel, ChannelModel } from 'amqplib';
import { BrokerSilentError, ConnectionClosedError, messageOf } from '../errors.js';
import type { Logger } from '../logger.js';
import { backoffMs } from '../retry-policy.js';
import { endsWithin, pause } from '../wait.js';
import type { BrokerConnection } from './broker-connection.js';

/**
 * Keeps one channel open: builds it, waits until it is lost, builds it again.
 *
 * One loop does all of it, so there are never two channels where one was, whatever was lost (the connection, the channel,
 * the consumer) and in whatever order the news arrive. Every step is bounded in time; a broker that does not answer
 * costs the connection.
 */
export class ChannelSupervisor<Built extends Channel> {
  private readonly stopping = new AbortController();
  private loop: Promise<void> | undefined;

  constructor(
    private readonly connection: BrokerConnection,
    private readonly recipe: ChannelRecipe<Built>,
    private readonly logger: Logger,
    private readonly random: () => number,
  ) {}

  start(): void {
    this.loop ??= this.run();
  }

  /** No channel is built from now on. The one that is open stays open until its owner closes it, and the connection. */
  stop(): void {
    this.stopping.abort();
  }

  /** Resolves when the loop has ended: after `stop` and the loss of the channel. */
  async ended(): Promise<void> {
    await this.loop;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    let failures = 0;
    while (!signal.aborted) {
      const startedMs = performance.now();
      try {
        await this.serve();
        // Built, but lost at once, again and again, is a failure too.
        failures = performance.now() - startedMs > STABLE_MS ? 0 : failures + 1;
      } catch (error) {
        if (error instanceof ConnectionClosedError) return;
        failures += 1;
        // The first of a row, and then now and again: a topology that does not match fails for as long as it lasts.
        const level = failures % 10 === 1 ? 'warn' : 'debug';
        this.logger[level]({ channel: this.recipe.name, failures, reason: messageOf(error) }, 'channel not opened');
      }
      if (!signal.aborted) await pause(backoffMs(failures + 1, { ...BACKOFF, random: this.random }), signal);
    }
  }

  /** Opens and prepares a channel, then waits until it is lost. */
  private async serve(): Promise<void> {
    const model = await this.connection.open();
    const built = this.build(model);
    if (!(await endsWithin(SETUP_MS, built))) {
      built.catch(() => {});
      const error = new BrokerSilentError(`open a channel for ${this.recipe.name}`, SETUP_MS);
      this.connection.drop(model, error);
      throw error;
    }
    const { channel, lost } = await built;
    await lost;
    this.recipe.lost(channel);
  }

  private async build(model: ChannelModel): Promise<{ channel: Built; lost: Promise<void> }> {
    const channel = await this.openChannel(model);
    const lost = new Promise<void>((resolve) => channel.once('close', () => resolve()));
    channel.on('error', (error) =>
      this.logger.warn({ channel: this.recipe.name, reason: error.message }, 'channel closed by broker'),
    );
    try {
      await this.recipe.prepare(channel, model);
    } catch (error) {
      this.recipe.lost(channel);
      await channel.close().catch(() => {}); // rejects when the broker has closed it, which is the usual reason to be here
      throw error;
    }
    return { channel, lost };
  }

  private async openChannel(model: ChannelModel): Promise<Built> {
    try {
      return await this.recipe.open(model);
    } catch (error) {
      // A connection that opens no channel is of no use to anybody, even if it has not said yet that it is dead.
      this.connection.drop(model, error instanceof Error ? error : new Error(messageOf(error)));
      throw error;
    }
  }
}

export interface ChannelRecipe<Built extends Channel> {
  readonly name: string;
  open(model: ChannelModel): Promise<Built>;
  /** Declares topology, subscribes, and puts the channel to use. */
  prepare(channel: Built, model: ChannelModel): Promise<void>;
  /** The channel is gone, or never became usable. Another may be in use already. */
  lost(channel: Built): void;
}

/** Opening a channel and declaring a topology takes tens of milliseconds; the rest is for a broker that has just started. */
const SETUP_MS = 10_000;

/** A channel that lived shorter than this did not end the trouble. */
const STABLE_MS = 2_000;

const BACKOFF = { baseMs: 100, maxMs: 5_000 } as const;
