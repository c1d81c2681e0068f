import { AmqpConversation } from './amqp-conversation.js';
import { HttpConversation } from './http-conversation.js';
import { PostgresConversation } from './postgres-conversation.js';
import { SmtpConversation } from './smtp-conversation.js';
import type { Conversation, Segment } from './wire-event.js';

/** `opaque` is passed on unread: anything that only the link faults are for. */
export const WIRE_PROTOCOLS = ['amqp', 'postgres', 'http', 'smtp', 'opaque'] as const;
export type WireProtocol = (typeof WIRE_PROTOCOLS)[number];

export function protocolOf(url: URL): WireProtocol {
  switch (url.protocol) {
    case 'amqp:':
      return 'amqp';
    case 'postgres:':
    case 'postgresql:':
      return 'postgres';
    case 'http:':
      return 'http';
    case 'smtp:':
      return 'smtp';
    default:
      return 'opaque';
  }
}

/** Both directions of one connection. What cannot be understood passes unread: a proxy must not break what it watches. */
export class UnderstoodConnection {
  readonly fromClient: UnderstoodStream;
  readonly fromServer: UnderstoodStream;
  private conversation: Conversation | undefined;

  constructor(protocol: WireProtocol, notUnderstood: (reason: string) => void) {
    this.conversation = conversationIn(protocol);
    const giveUp = (reason: string): void => {
      this.conversation = undefined;
      notUnderstood(reason);
    };
    this.fromClient = new UnderstoodStream((chunk) => this.conversation?.fromClient(chunk), giveUp);
    this.fromServer = new UnderstoodStream((chunk) => this.conversation?.fromServer(chunk), giveUp);
  }
}

class UnderstoodStream {
  /** Given to the reader, and not yet returned by it. */
  private kept: Buffer = Buffer.alloc(0);

  constructor(
    private readonly understand: (chunk: Buffer) => readonly Segment[] | undefined,
    private readonly giveUp: (reason: string) => void,
  ) {}

  read(chunk: Buffer): readonly Segment[] {
    const all = this.kept.length === 0 ? chunk : Buffer.concat([this.kept, chunk]);
    const segments = this.tryToUnderstand(chunk) ?? [{ bytes: all }];
    this.kept = all.subarray(segments.reduce((sum, { bytes }) => sum + bytes.length, 0));
    return segments;
  }

  /** What the stream ended in the middle of. */
  readRest(): Buffer {
    const rest = this.kept;
    this.kept = Buffer.alloc(0);
    return rest;
  }

  private tryToUnderstand(chunk: Buffer): readonly Segment[] | undefined {
    try {
      return this.understand(chunk);
    } catch (error) {
      this.giveUp(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }
}

function conversationIn(protocol: WireProtocol): Conversation | undefined {
  switch (protocol) {
    case 'amqp':
      return new AmqpConversation();
    case 'postgres':
      return new PostgresConversation();
    case 'http':
      return new HttpConversation();
    case 'smtp':
      return new SmtpConversation();
    case 'opaque':
      return undefined;
  }
}
