import { FrameSplitter } from './frame-splitter.js';
import { NotUnderstoodError, type Conversation, type Segment, type WireEvent } from './wire-event.js';

/**
 * Finds commands, mails and their replies in SMTP. A mail is a request of its own, from its first line to the one with the
 * dot: the server has it when that has passed, and says so in the reply to it.
 */
export class SmtpConversation implements Conversation {
  private readonly client = new FrameSplitter(lineLength);
  private readonly server = new FrameSplitter(lineLength);
  /** What has no final reply yet. The server speaks first, to the connection itself. */
  private readonly asked: WireEvent[] = [{ kind: 'request', detail: 'connection' }];
  private speaks: 'commands' | 'mail' | 'the rest of a mail' = 'commands';
  private isReplyOpen = false;

  fromClient(chunk: Buffer): readonly Segment[] {
    return this.client
      .split(chunk)
      .map(({ bytes }) => (this.speaks === 'commands' ? this.readCommand(bytes) : this.readMail(bytes)));
  }

  fromServer(chunk: Buffer): readonly Segment[] {
    return this.server.split(chunk).map(({ bytes }) => this.readReply(bytes));
  }

  private readCommand(bytes: Buffer): Segment {
    const [verb = ''] = bytes.toString('latin1').trimEnd().split(' ', 1);
    const event: WireEvent = { kind: 'request', detail: verb.toUpperCase() };
    if (event.detail === 'BDAT') throw new NotUnderstoodError('a mail in chunks');
    this.asked.push(event);
    return { bytes, begins: event, ends: event };
  }

  private readMail(bytes: Buffer): Segment {
    const isFirst = this.speaks === 'mail';
    const isLast = /^\.\r?\n$/.test(bytes.toString('latin1'));
    if (isFirst) this.asked.push(MAIL);
    this.speaks = isLast ? 'commands' : 'the rest of a mail';
    return { bytes, ...(isFirst ? { begins: MAIL } : {}), ...(isLast ? { ends: MAIL } : {}) };
  }

  private readReply(bytes: Buffer): Segment {
    const [, code, sign] = /^(\d{3})([ -]?)/.exec(bytes.toString('latin1')) ?? [];
    if (code === undefined) throw new NotUnderstoodError('no reply of SMTP');
    const [request] = this.asked;
    const event: WireEvent = { kind: 'response', detail: `${request?.detail ?? ''} ${code}` };
    const isFirst = !this.isReplyOpen;
    const isLast = sign !== '-';
    this.isReplyOpen = !isLast;
    if (isLast) this.close(event);
    return { bytes, ...(isFirst ? { begins: event } : {}), ...(isLast ? { ends: event } : {}) };
  }

  private close({ detail }: WireEvent): void {
    this.asked.shift();
    if (detail === 'STARTTLS 220') throw new NotUnderstoodError('the connection is encrypted from here on');
    if (detail === 'DATA 354') this.speaks = 'mail';
  }
}

const MAIL: WireEvent = { kind: 'request', detail: 'mail' };

const lineLength = (start: Buffer): number => {
  const length = start.indexOf('\n') + 1;
  if (length === 0 && start.length > LINE_BYTES_MAX) throw new NotUnderstoodError('no end of a line');
  return length;
};

/** RFC 5321 allows a thousand; some senders write a paragraph into one. */
const LINE_BYTES_MAX = 16_384;
