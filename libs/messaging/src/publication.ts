import { BODY_BYTES_MAX, encodeEnvelope } from './envelope.js';
import { joinMembers } from './members.js';
import { mintMessageId } from './message-id.js';
import type { CommittedMessage } from './outgoing-message.js';

/** What is handed to the broker in one go, and confirmed or returned as one. */
export interface Publication {
  /** Names this handing over. A message that travels alone lends its own id. */
  readonly messageId: string;
  readonly destination: string;
  /** For those who look at queues; null when several messages travel together. */
  readonly type: string | null;
  readonly traceparent: string | null;
  readonly body: Buffer;
  /** The outbox rows that have left when this publication is confirmed. */
  readonly messageIds: readonly string[];
}

/**
 * Messages for one queue travel together, at most `membersMax` and as many as receivers read in one body; a message too
 * large for company travels alone. Nobody waits for company: the batch is what was committed or swept together.
 */
export function toPublications(batch: readonly CommittedMessage[], membersMax: number): readonly Publication[] {
  const packs: Pack[] = [];
  const open = new Map<string, Pack>();
  for (const message of batch) {
    const body = encodeEnvelope(message);
    const pack = open.get(message.destination);
    if (pack !== undefined && hasRoom(pack, body, membersMax)) {
      pack.members.push({ message, body });
      pack.bytes += 1 + body.length;
    } else {
      const opened = { members: [{ message, body }], bytes: body.length };
      packs.push(opened);
      open.set(message.destination, opened);
    }
  }
  return packs.flatMap(({ members }) => publicationOf(members));
}

interface Pack {
  readonly members: Packed[];
  bytes: number;
}

interface Packed {
  readonly message: CommittedMessage;
  readonly body: Buffer;
}

function hasRoom(pack: Pack, body: Buffer, membersMax: number): boolean {
  return pack.members.length < membersMax && pack.bytes + 1 + body.length <= BODY_BYTES_MAX;
}

function publicationOf(members: readonly Packed[]): readonly Publication[] {
  const [first] = members;
  if (first === undefined) return [];
  const { id, destination, type, traceparent } = first.message;
  const isAlone = members.length === 1;
  return [
    {
      messageId: isAlone ? id : mintMessageId(),
      destination,
      type: isAlone ? type : null,
      traceparent: isAlone ? traceparent : null,
      body: joinMembers(members.map(({ body }) => body)),
      messageIds: members.map(({ message }) => message.id),
    },
  ];
}
