import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';
import type { Reply } from '../payment-provider/reply.js';

/** Does to a caller's connection what a Reply says, and lets go of all that are held when the sandbox ends. */
export class Connections {
  private readonly held = new Set<Socket>();
  private isClosing = false;

  send(reply: Reply, response: FastifyReply): void {
    switch (reply.kind) {
      case 'answer':
        response.code(reply.status).headers(reply.headers).send(reply.body);
        return;
      case 'hold':
        response.hijack();
        this.hold(response.raw.socket, reply.ms, reply.whenGone);
        return;
      case 'reset':
        response.hijack();
        response.raw.socket?.resetAndDestroy();
        return;
      case 'close':
        response.hijack();
        response.raw.socket?.destroy();
        return;
    }
  }

  /** A shutdown does not wait for callers that are being kept waiting on purpose. */
  releaseAll(): void {
    this.isClosing = true;
    for (const socket of this.held) socket.destroy();
  }

  private hold(socket: Socket | null, ms: number, whenGone: () => void = () => undefined): void {
    if (socket === null || socket.destroyed) return whenGone();
    const timer = setTimeout(() => socket.destroy(), ms);
    this.held.add(socket);
    socket.once('close', () => {
      clearTimeout(timer);
      this.held.delete(socket);
      whenGone();
    });
    if (this.isClosing) socket.destroy();
  }
}
