import { FrameSplitter, type FramePart } from './frame-splitter.js';
import { statementKind } from './statement-kind.js';
import { NotUnderstoodError, type Conversation, type Segment, type WireEvent } from './wire-event.js';

/**
 * Finds commits in the protocol of Postgres, and the answers that say so.
 *
 * A change in autocommit is committed when the server reads what ends its cycle: Sync in the extended protocol, the query
 * itself in the simple one. `before` that, the statement may have run, and a lost connection undoes it; `after` it, the
 * server commits whether anybody is there to hear of it or not. Inside a transaction only COMMIT commits.
 */
export class PostgresConversation implements Conversation {
  private readonly client = new FrameSplitter((start) => this.measureFromClient(start));
  private readonly server = new FrameSplitter((start) => this.measureFromServer(start));
  private isStarted = false;
  /** The answer to a request for encryption is one byte, and no message. */
  private bareAnswers = 0;
  private isInTransaction = false;
  private hasError = false;
  private readonly statements = new Map<string, string>();
  private readonly portals = new Map<string, string>();
  /** Statements executed since the last Sync. */
  private readonly executed: string[] = [];
  /** One entry for each ReadyForQuery that is to come, in order: the commit that it will answer, if any. */
  private readonly cycles: (WireEvent | undefined)[] = [];
  private ending: WireEvent | undefined;

  fromClient(chunk: Buffer): readonly Segment[] {
    return this.client.split(chunk).map((part) => this.clientSegment(part));
  }

  fromServer(chunk: Buffer): readonly Segment[] {
    return this.server.split(chunk).map((part) => this.serverSegment(part));
  }

  private measureFromClient(start: Buffer): number {
    const typeBytes = this.isStarted ? 1 : 0;
    return measure(start, typeBytes);
  }

  private measureFromServer(start: Buffer): number {
    return this.bareAnswers > 0 ? 1 : measure(start, 1);
  }

  private clientSegment(part: FramePart): Segment {
    const begins = part.isFirst ? this.readFromClient(part.bytes) : undefined;
    if (begins !== undefined) this.ending = begins;
    const ends = part.isLast ? this.ending : undefined;
    if (part.isLast) this.ending = undefined;
    return segment(part.bytes, begins, ends);
  }

  private serverSegment(part: FramePart): Segment {
    const event = part.isFirst ? this.readFromServer(part.bytes) : undefined;
    return segment(part.bytes, event, event);
  }

  private readFromClient(message: Buffer): WireEvent | undefined {
    if (!this.isStarted) return this.readStartup(message);
    switch (String.fromCharCode(message[0] ?? 0)) {
      case 'P': {
        const [name, text] = zeroEnded(message, 5, 2);
        this.statements.set(name ?? '', text ?? '');
        return undefined;
      }
      case 'B': {
        const [portal, name] = zeroEnded(message, 5, 2);
        this.portals.set(portal ?? '', this.statements.get(name ?? '') ?? '');
        return undefined;
      }
      case 'E': {
        const [portal] = zeroEnded(message, 5, 1);
        this.executed.push(this.portals.get(portal ?? '') ?? '');
        return undefined;
      }
      case 'Q':
        return this.endCycle(zeroEnded(message, 5, 1));
      case 'S':
      case 'F':
        return this.endCycle(this.executed.splice(0));
      default:
        return undefined;
    }
  }

  private readStartup(message: Buffer): WireEvent | undefined {
    const code = message.readUInt32BE(4);
    if (code === SSL_REQUEST || code === GSS_REQUEST) this.bareAnswers += 1;
    else if (code !== CANCEL_REQUEST) {
      this.isStarted = true;
      this.cycles.push(undefined);
    }
    return undefined;
  }

  private endCycle(texts: readonly string[]): WireEvent | undefined {
    const committing = texts.find((text) => this.isCommitting(text));
    const event: WireEvent | undefined =
      committing === undefined ? undefined : { kind: 'commit', detail: oneLine(committing) };
    this.cycles.push(event);
    return event;
  }

  private isCommitting(text: string): boolean {
    const kind = statementKind(text);
    const wasInTransaction = this.isInTransaction;
    if (kind === 'begin') this.isInTransaction = true;
    else if (kind === 'commit' || kind === 'rollback') this.isInTransaction = false;
    return kind === 'commit' || (kind === 'change' && !wasInTransaction);
  }

  private readFromServer(message: Buffer): WireEvent | undefined {
    if (this.bareAnswers > 0) {
      this.bareAnswers -= 1;
      if (String.fromCharCode(message[0] ?? 0) !== 'N') throw new NotUnderstoodError('the connection is encrypted');
      return undefined;
    }
    const type = String.fromCharCode(message[0] ?? 0);
    if (type === 'E') this.hasError = true;
    if (type !== 'Z') return undefined;
    const committed = this.cycles.shift();
    const isRefused = this.hasError;
    this.hasError = false;
    // What the server says is right; while more is under way, it does not speak of the last statement yet.
    if (this.cycles.length === 0) this.isInTransaction = message[5] !== IDLE;
    return committed === undefined || isRefused ? undefined : { kind: 'commit-answer', detail: committed.detail };
  }
}

const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const CANCEL_REQUEST = 80_877_102;
const IDLE = 'I'.charCodeAt(0);

/** Postgres allows one gigabyte. */
const MESSAGE_BYTES_MAX = 1 << 30;

function measure(start: Buffer, typeBytes: number): number {
  if (start.length < typeBytes + 4) return 0;
  const length = start.readUInt32BE(typeBytes);
  if (length < 4 || length > MESSAGE_BYTES_MAX) throw new NotUnderstoodError(`a message of ${length} bytes`);
  return typeBytes + length;
}

function zeroEnded(message: Buffer, start: number, count: number): readonly string[] {
  const strings: string[] = [];
  let at = start;
  while (strings.length < count) {
    const zero = message.indexOf(0, at);
    const end = zero === -1 ? message.length : zero;
    strings.push(message.toString('utf8', at, end));
    at = end + 1;
  }
  return strings;
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

const segment = (bytes: Buffer, begins: WireEvent | undefined, ends: WireEvent | undefined): Segment => ({
  bytes,
  ...(begins === undefined ? {} : { begins }),
  ...(ends === undefined ? {} : { ends }),
});
