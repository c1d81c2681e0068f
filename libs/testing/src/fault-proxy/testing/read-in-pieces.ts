import { UnderstoodConnection, type WireProtocol } from '../understood-stream.js';

export type Spoken = readonly ['client' | 'server', Buffer];

/** How a conversation reads when every flight arrives in pieces of this size: its events, with begins and ends in order. */
export function readInPieces(protocol: WireProtocol, spoken: readonly Spoken[], pieceBytes: number): readonly string[] {
  const heard: string[] = [];
  const connection = new UnderstoodConnection(protocol, (reason) => heard.push(`not understood: ${reason}`));
  for (const [who, bytes] of spoken) {
    const stream = who === 'client' ? connection.fromClient : connection.fromServer;
    const passed: Buffer[] = [];
    for (const segment of piecesOf(bytes, pieceBytes).flatMap((piece) => stream.read(piece))) {
      passed.push(segment.bytes);
      if (segment.begins !== undefined) heard.push(`> ${segment.begins.kind} ${segment.begins.detail}`);
      if (segment.ends !== undefined) heard.push(`< ${segment.ends.kind}`);
    }
    passed.push(stream.readRest());
    if (!Buffer.concat(passed).equals(bytes)) heard.push(`the ${who}'s bytes were changed`);
  }
  return heard;
}

/** Down to single bytes: a network may cut a stream anywhere. */
export const PIECES = [1, 2, 3, 7, 64, 1_000_000] as const;

function piecesOf(bytes: Buffer, pieceBytes: number): readonly Buffer[] {
  const count = Math.ceil(bytes.length / pieceBytes);
  return Array.from({ length: count }, (_, n) => bytes.subarray(n * pieceBytes, (n + 1) * pieceBytes));
}
