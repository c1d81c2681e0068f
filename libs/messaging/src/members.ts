import { BODY_BYTES_MAX, decodeEnvelope, type Decoded } from './envelope.js';

/**
 * One broker message carries one message or several: one envelope per line. JSON as this library writes it has no line
 * breaks, so a message that travels alone looks the same, and each member of several keeps its own bytes.
 */
export interface Member {
  /** Exactly the bytes that its sender encoded. */
  readonly body: Buffer;
  readonly decoded: Decoded;
}

export function joinMembers(bodies: readonly Buffer[]): Buffer {
  return Buffer.concat(bodies.flatMap((body, index) => (index === 0 ? [body] : [LINE_BREAK, body])));
}

/**
 * The members of whatever bytes arrive; never throws. Bytes of which no line is an envelope are one undecodable member:
 * somebody else's format, and not a thousand dead letters.
 */
export function readMembers(body: Buffer): readonly Member[] {
  const lines = body.length > BODY_BYTES_MAX ? [] : linesOf(body);
  if (lines.length > 1 && lines.length <= MEMBERS_MAX) {
    const members = lines.map((line) => ({ body: line, decoded: decodeEnvelope(line) }));
    if (members.some(({ decoded }) => decoded.kind === 'envelope')) return members;
  }
  return [{ body, decoded: decodeEnvelope(body) }];
}

/** As many as a sender may be told to put together; see BATCH_MAX. */
export const MEMBERS_MAX = 1_000;

const LINE_BREAK = Buffer.from('\n');

function linesOf(body: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < body.length && lines.length <= MEMBERS_MAX;) {
    const found = body.indexOf(LINE_BREAK, start);
    const end = found === -1 ? body.length : found;
    if (end > start) lines.push(body.subarray(start, end));
    start = end + 1;
  }
  return lines;
}
