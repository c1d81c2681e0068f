import { FrameSplitter, type FramePart } from './frame-splitter.js';
import { NotUnderstoodError, type Conversation, type Segment, type WireEvent } from './wire-event.js';

/** Finds publications, deliveries and their settlement in AMQP 0-9-1. */
export class AmqpConversation implements Conversation {
  private readonly client = new AmqpDirection(eventFromClient);
  private readonly server = new AmqpDirection(eventFromServer);

  fromClient(chunk: Buffer): readonly Segment[] {
    return this.client.read(chunk);
  }

  fromServer(chunk: Buffer): readonly Segment[] {
    return this.server.read(chunk);
  }
}

/**
 * A message is a method, a header that tells the size of the body, and as many body frames as it takes. Frames of other
 * channels may stand between them, so each channel has its own place.
 */
class AmqpDirection {
  private readonly splitter = new FrameSplitter(measureFrame);
  private readonly contents = new Map<number, { readonly event: WireEvent; bytesLeft: number }>();
  private ending: WireEvent | undefined;

  constructor(private readonly eventOf: (method: Buffer) => FoundEvent | undefined) {}

  read(chunk: Buffer): readonly Segment[] {
    return this.splitter.split(chunk).map((part) => this.segmentOf(part));
  }

  private segmentOf(part: FramePart): Segment {
    const { bytes } = part;
    if (part.isLast && bytes[0] !== PROTOCOL_HEADER && bytes.at(-1) !== FRAME_END)
      throw new NotUnderstoodError('a frame without its end');
    const begins = part.isFirst ? this.startFrame(bytes) : undefined;
    const ends = part.isLast ? this.ending : undefined;
    if (part.isLast) this.ending = undefined;
    return { bytes, ...(begins === undefined ? {} : { begins }), ...(ends === undefined ? {} : { ends }) };
  }

  /** Returns the event that begins with this frame and notes the one that ends with it. */
  private startFrame(frame: Buffer): WireEvent | undefined {
    const type = frame[0];
    if (type === METHOD) return this.startMethod(frame);
    if (type !== HEADER && type !== BODY) return undefined;
    const channel = frame.readUInt16BE(1);
    const content = this.contents.get(channel);
    if (content === undefined) return undefined;
    if (type === HEADER) content.bytesLeft = Number(frame.readBigUInt64BE(FRAME_START + 4));
    else content.bytesLeft -= frame.readUInt32BE(3);
    if (content.bytesLeft > 0) return undefined;
    this.contents.delete(channel);
    this.ending = content.event;
    return undefined;
  }

  private startMethod(frame: Buffer): WireEvent | undefined {
    const found = this.eventOf(frame.subarray(FRAME_START));
    if (found === undefined) return undefined;
    if (found.hasContent) this.contents.set(frame.readUInt16BE(1), { event: found.event, bytesLeft: 0 });
    else this.ending = found.event;
    return found.event;
  }
}

interface FoundEvent {
  readonly event: WireEvent;
  readonly hasContent: boolean;
}

const METHOD = 1;
const HEADER = 2;
const BODY = 3;
const HEARTBEAT = 8;
const FRAME_END = 0xce;
/** Type, channel and size. */
const FRAME_START = 7;
/** `AMQP` and a version, the only thing on the wire that is no frame. */
const PROTOCOL_HEADER = 0x41;
const PROTOCOL_HEADER_BYTES = 8;

function measureFrame(start: Buffer): number {
  const type = start[0] ?? 0;
  if (type === PROTOCOL_HEADER) return PROTOCOL_HEADER_BYTES;
  if (![METHOD, HEADER, BODY, HEARTBEAT].includes(type)) throw new NotUnderstoodError(`a frame of type ${type}`);
  return start.length < FRAME_START ? 0 : FRAME_START + start.readUInt32BE(3) + 1;
}

/** Class 60 is `basic`, the only class with events. */
const BASIC = 60;
const PUBLISH = 40;
const RETURN = 50;
const DELIVER = 60;
const ACK = 80;
const REJECT = 90;
const NACK = 120;

function eventFromClient(method: Buffer): FoundEvent | undefined {
  if (method.readUInt16BE(0) !== BASIC) return undefined;
  switch (method.readUInt16BE(2)) {
    case PUBLISH: {
      const [exchange, routingKey] = shortStrings(method, 6, 2);
      return withContent('publish', `${exchange} ${routingKey}`);
    }
    case ACK:
      return plain('ack', deliveryTag(method));
    case REJECT:
      return plain('reject', `reject ${deliveryTag(method)}`);
    case NACK:
      return plain('reject', `nack ${deliveryTag(method)}`);
    default:
      return undefined;
  }
}

function eventFromServer(method: Buffer): FoundEvent | undefined {
  if (method.readUInt16BE(0) !== BASIC) return undefined;
  switch (method.readUInt16BE(2)) {
    case RETURN: {
      const [, exchange, routingKey] = shortStrings(method, 6, 3);
      return withContent('return', `${exchange} ${routingKey}`);
    }
    case DELIVER: {
      const consumerTagBytes = 1 + (method[4] ?? 0);
      // The delivery tag and the redelivered flag stand between the consumer tag and the names.
      const [exchange, routingKey] = shortStrings(method, 4 + consumerTagBytes + 9, 2);
      return withContent('deliver', `${exchange} ${routingKey}`);
    }
    case ACK:
      return plain('confirm', deliveryTag(method));
    case NACK:
      return plain('refusal', deliveryTag(method));
    default:
      return undefined;
  }
}

const plain = (kind: WireEvent['kind'], detail: string): FoundEvent => ({ event: { kind, detail }, hasContent: false });

const withContent = (kind: WireEvent['kind'], detail: string): FoundEvent => ({
  event: { kind, detail },
  hasContent: true,
});

const deliveryTag = (method: Buffer): string => `tag ${method.readBigUInt64BE(4)}`;

function shortStrings(method: Buffer, start: number, count: number): readonly string[] {
  const strings: string[] = [];
  let at = start;
  while (strings.length < count) {
    const end = at + 1 + (method[at] ?? 0);
    strings.push(method.toString('utf8', at + 1, end));
    at = end;
  }
  return strings;
}
