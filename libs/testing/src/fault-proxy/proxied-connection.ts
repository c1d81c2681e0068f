import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { ArmedFault, FaultAction } from './fault.js';
import type { Link } from './link.js';
import type { UnderstoodConnection } from './understood-stream.js';
import type { Segment, WireEvent } from './wire-event.js';

/** What a connection tells to and asks of its proxy. */
export interface Watcher {
  /** Called when an event begins and when it has passed; returns the faults that strike now. */
  meet(moment: 'before' | 'after', event: WireEvent): readonly ArmedFault[];
  log(what: string): void;
}

type Direction = UnderstoodConnection['fromClient'];

/**
 * Passes bytes on between two sockets, each direction in order and no faster than its receiver takes them. A slow receiver
 * holds up its sender, as it would without a proxy.
 */
export class ProxiedConnection {
  private isCut = false;
  private readonly cutting: Promise<void>;
  private endWaits: () => void = () => {};

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    private readonly understood: UnderstoodConnection,
    private readonly link: Link,
    private readonly watcher: Watcher,
  ) {
    this.cutting = new Promise((resolve) => (this.endWaits = resolve));
    // What an error means is handled where the bytes are read and written.
    for (const socket of [client, server]) socket.on('error', () => {});
  }

  /** Ends when both directions have ended, or the connection is cut. */
  async run(): Promise<void> {
    await Promise.all([
      this.pump(this.client, this.server, this.understood.fromClient),
      this.pump(this.server, this.client, this.understood.fromServer),
    ]);
    this.client.destroy();
    this.server.destroy();
  }

  /**
   * Both sides get a reset; but who is to have what came `before` the cut gets an end instead, since a reset may overtake
   * bytes that it has not read.
   */
  cut(receiver?: Socket): void {
    this.isCut = true;
    for (const socket of [this.client, this.server]) {
      if (socket !== receiver) socket.resetAndDestroy();
    }
    receiver?.end();
    this.endWaits();
  }

  private async pump(from: Socket, to: Socket, direction: Direction): Promise<void> {
    try {
      for await (const chunk of from) {
        // After a cut, what the one side still says is read and dropped, until it ends.
        if (!this.isCut) await this.passAll(to, direction.read(chunk as Buffer));
      }
      await this.orCut(this.link.whileHeld());
      if (!this.isCut) to.end(direction.readRest());
    } catch {
      // One side has reset the connection or does not take any more; the other gets to know when bytes pass at all.
      await this.orCut(this.link.whileHeld());
      if (!this.isCut) this.cut();
    }
  }

  /** Bytes between two faults are written together. */
  private async passAll(to: Socket, segments: readonly Segment[]): Promise<void> {
    let waiting: Buffer[] = [];
    const flush = async (): Promise<void> => {
      await this.write(to, waiting);
      waiting = [];
    };
    for (const { bytes, begins, ends } of segments) {
      const before = begins === undefined ? [] : this.watcher.meet('before', begins);
      if (before.length > 0) await flush();
      await this.strike(before, undefined);
      if (this.isCut) return;
      waiting.push(bytes);
      const after = ends === undefined ? [] : this.watcher.meet('after', ends);
      if (after.length > 0) await flush();
      await this.strike(after, to);
      if (this.isCut) return;
    }
    await flush();
  }

  private async write(to: Socket, buffers: readonly Buffer[]): Promise<void> {
    if (buffers.length === 0) return;
    const bytes = buffers.length === 1 && buffers[0] !== undefined ? buffers[0] : Buffer.concat(buffers);
    if (!this.link.isFree) await this.orCut(this.link.pass(bytes.length));
    if (this.isCut) return;
    await new Promise<void>((resolve, reject) => {
      to.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  private async strike(faults: readonly ArmedFault[], receiver: Socket | undefined): Promise<void> {
    for (const armed of faults) {
      await this.act(armed.fault.action, armed, receiver);
      if (this.isCut) return;
    }
  }

  private async act(action: FaultAction, armed: ArmedFault, receiver: Socket | undefined): Promise<void> {
    switch (action.kind) {
      case 'cut':
        return this.cut(receiver);
      case 'hold':
        await this.orCut(armed.released);
        this.watcher.log('a held direction goes on');
        return;
      case 'delay':
        return this.orCut(pause(action.ms));
      case 'kill':
        await kill(action.victim);
        return this.cut(receiver);
      case 'call':
        await action.run();
    }
  }

  /** A cut ends every wait. */
  private async orCut(wait: Promise<unknown>): Promise<void> {
    await Promise.race([wait, this.cutting]);
  }
}

async function kill(victim: number | (() => unknown)): Promise<void> {
  if (typeof victim === 'function') await victim();
  else process.kill(victim, 'SIGKILL');
}
