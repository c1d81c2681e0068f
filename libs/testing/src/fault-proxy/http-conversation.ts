import { HttpBody } from './http-body.js';
import { NotUnderstoodError, type Conversation, type Segment, type WireEvent } from './wire-event.js';

/** Finds requests and responses in HTTP/1.1, keep-alive and chunked bodies included. */
export class HttpConversation implements Conversation {
  /** Requests whose final response has not begun. */
  private readonly asked: WireEvent[] = [];
  private readonly client = new HttpDirection((head) => this.startRequest(head));
  private readonly server = new HttpDirection((head) => this.startResponse(head));

  fromClient(chunk: Buffer): readonly Segment[] {
    return this.client.read(chunk);
  }

  fromServer(chunk: Buffer): readonly Segment[] {
    return this.server.read(chunk);
  }

  private startRequest(head: HttpHead): HttpMessage {
    const [method = '', path = ''] = head.startLine.split(' ');
    const event: WireEvent = { kind: 'request', detail: `${method} ${path}` };
    this.asked.push(event);
    return { event, body: HttpBody.of(head.headers, 'none') };
  }

  private startResponse(head: HttpHead): HttpMessage {
    const status = Number(head.startLine.split(' ')[1]);
    if (status === 101) throw new NotUnderstoodError('the connection changes its protocol');
    if (status < 200) return { event: undefined, body: HttpBody.none() };
    const request = this.asked.shift();
    const detail = `${request?.detail ?? ''} ${status}`;
    const isBare = status === 204 || status === 304 || request?.detail.startsWith('HEAD ') === true;
    const body = isBare ? HttpBody.none() : HttpBody.of(head.headers, 'until the end');
    return { event: { kind: 'response', detail }, body };
  }
}

class HttpDirection {
  private kept: Buffer = Buffer.alloc(0);
  private open: HttpMessage | undefined;

  constructor(private readonly start: (head: HttpHead) => HttpMessage) {}

  read(chunk: Buffer): readonly Segment[] {
    let rest: Buffer = this.kept.length === 0 ? chunk : Buffer.concat([this.kept, chunk]);
    this.kept = Buffer.alloc(0);
    const segments: Segment[] = [];
    while (rest.length > 0) {
      const segment = this.open === undefined ? this.readHead(rest) : this.readBody(rest, this.open);
      if (segment === undefined) {
        this.kept = rest;
        break;
      }
      segments.push(segment);
      rest = rest.subarray(segment.bytes.length);
    }
    return segments;
  }

  private readHead(rest: Buffer): Segment | undefined {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) {
      if (rest.length > HEAD_BYTES_MAX) throw new NotUnderstoodError(`no end of a head within ${rest.length} bytes`);
      return undefined;
    }
    const bytes = rest.subarray(0, end + 4);
    const message = this.start(headOf(bytes));
    const isOver = message.body.isOver;
    this.open = isOver ? undefined : message;
    const { event } = message;
    return { bytes, ...(event === undefined ? {} : { begins: event, ...(isOver ? { ends: event } : {}) }) };
  }

  private readBody(rest: Buffer, message: HttpMessage): Segment {
    const bytes = rest.subarray(0, message.body.take(rest));
    if (!message.body.isOver) return { bytes };
    this.open = undefined;
    return { bytes, ...(message.event === undefined ? {} : { ends: message.event }) };
  }
}

interface HttpHead {
  readonly startLine: string;
  readonly headers: ReadonlyMap<string, string>;
}

interface HttpMessage {
  readonly event: WireEvent | undefined;
  readonly body: HttpBody;
}

const HEAD_BYTES_MAX = 65_536;

function headOf(bytes: Buffer): HttpHead {
  const [startLine = '', ...lines] = bytes.toString('latin1').trimEnd().split('\r\n');
  if (!startLine.includes('HTTP/1.')) throw new NotUnderstoodError('no HTTP/1');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [
      line.slice(0, colon).toLowerCase(),
      line
        .slice(colon + 1)
        .trim()
        .toLowerCase(),
    ];
  });
  return { startLine, headers: new Map(headers) };
}
