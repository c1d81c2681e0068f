import { describe, expect, it } from 'vitest';
import { PIECES, readInPieces, type Spoken } from './testing/read-in-pieces.js';

function frame(type: number, channel: number, payload: Buffer): Buffer {
  const start = Buffer.alloc(7);
  start.writeUInt8(type, 0);
  start.writeUInt16BE(channel, 1);
  start.writeUInt32BE(payload.length, 3);
  return Buffer.concat([start, payload, Buffer.from([0xce])]);
}

function method(channel: number, methodId: number, rest: Buffer, classId = 60): Buffer {
  const ids = Buffer.alloc(4);
  ids.writeUInt16BE(classId, 0);
  ids.writeUInt16BE(methodId, 2);
  return frame(1, channel, Buffer.concat([ids, rest]));
}

function header(channel: number, bodyBytes: number): Buffer {
  const payload = Buffer.alloc(14);
  payload.writeUInt16BE(60, 0);
  payload.writeBigUInt64BE(BigInt(bodyBytes), 4);
  return frame(2, channel, payload);
}

const body = (channel: number, bytes: number): Buffer => frame(3, channel, Buffer.alloc(bytes, 'x'));

function short(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
}

function tag(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes.writeBigUInt64BE(BigInt(value), 0);
  return bytes;
}

const publishMethod = (channel: number, routingKey: string): Buffer =>
  method(channel, 40, Buffer.concat([Buffer.alloc(2), short('once'), short(routingKey), Buffer.from([1])]));

const PROTOCOL_HEADER = Buffer.from('AMQP\0\0\x09\x01', 'latin1');

describe.each(PIECES)('a conversation in AMQP that arrives in pieces of %i bytes', (pieceBytes) => {
  const read = (...spoken: readonly Spoken[]): readonly string[] => readInPieces('amqp', spoken, pieceBytes);

  it('has a publication from its method to the last frame of its body', () => {
    const published = [
      PROTOCOL_HEADER,
      publishMethod(1, 'payment'),
      header(1, 60_000),
      body(1, 40_000),
      body(1, 20_000),
    ];
    expect(read(['client', Buffer.concat(published)])).toEqual(['> publish once payment', '< publish']);
  });

  it('has a publication without a body, and another one', () => {
    const published = [publishMethod(1, 'a'), header(1, 0), publishMethod(1, 'b'), header(1, 1), body(1, 1)];
    expect(read(['client', Buffer.concat(published)])).toEqual([
      '> publish once a',
      '< publish',
      '> publish once b',
      '< publish',
    ]);
  });

  it('keeps publications of two channels apart, heartbeats between them', () => {
    const published = [
      publishMethod(1, 'a'),
      publishMethod(2, 'b'),
      header(2, 3),
      frame(8, 0, Buffer.alloc(0)),
      header(1, 5),
      body(2, 3),
      body(1, 5),
    ];
    expect(read(['client', Buffer.concat(published)])).toEqual([
      '> publish once a',
      '> publish once b',
      '< publish',
      '< publish',
    ]);
  });

  it('tells confirms and refusals of the broker from the settlements of a client', () => {
    const settled = [method(1, 80, tag(7)), method(1, 120, tag(8)), method(1, 80, Buffer.alloc(4), 10)];
    expect(read(['server', Buffer.concat(settled)])).toEqual([
      '> confirm tag 7',
      '< confirm',
      '> refusal tag 8',
      '< refusal',
    ]);
    expect(read(['client', Buffer.concat([...settled, method(1, 90, tag(9))])])).toEqual([
      '> ack tag 7',
      '< ack',
      '> reject nack tag 8',
      '< reject',
      '> reject reject tag 9',
      '< reject',
    ]);
  });

  it('has deliveries and returns with their bodies', () => {
    const delivered = [
      method(1, 60, Buffer.concat([short('ctag'), tag(1), short('once'), short('order')])),
      header(1, 2),
      body(1, 2),
      method(2, 50, Buffer.concat([Buffer.from([1, 56]), short('NO_ROUTE'), short('once'), short('nobody')])),
      header(2, 0),
    ];
    expect(read(['server', Buffer.concat(delivered)])).toEqual([
      '> deliver once order',
      '< deliver',
      '> return once nobody',
      '< return',
    ]);
  });

  it('passes on what is no AMQP, unread', () => {
    expect(read(['client', Buffer.from('GET / HTTP/1.1\r\n\r\n')])).toEqual(['not understood: a frame of type 71']);
    const unended = Buffer.concat([method(1, 80, tag(7)).subarray(0, -1), Buffer.from([0])]);
    expect(read(['client', unended])).toEqual(['not understood: a frame without its end']);
  });
});
