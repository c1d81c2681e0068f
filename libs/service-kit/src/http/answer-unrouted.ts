import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_CONTENT_TYPE, toProblemDocument } from './problem-document.js';
import { problemContext } from './problem.filter.js';

/**
 * Answers bytes that Node's parser refuses: broken or oversized HTTP, and requests that arrive too slowly. There is no
 * request object yet, so no filter and no hook ever sees them.
 */
export function answerUnparsed(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  // An earlier answer on the same connection may be half written; nothing may be put into its middle.
  if (socket.writable && socket.bytesWritten === 0) socket.write(parserAnswer(statusOfParserError(error.code)));
  socket.destroySoon();
}

function statusOfParserError(code: string | undefined): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
}

function parserAnswer(status: number): string {
  const detail = status === 400 ? 'This is not well-formed HTTP.' : '';
  const { body } = toProblemDocument(new HttpException(detail, status), { instance: '*', hasIdempotencyKey: false });
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    `Content-Type: ${PROBLEM_CONTENT_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

/** Answers what Fastify's router refuses before any route: a path that cannot be decoded, a parameter that is too long. */
export function answerUnrouted(
  error: Error & { statusCode?: number },
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const problem = toProblemDocument(new HttpException(error.message, error.statusCode ?? 400), problemContext(request));
  void reply.code(problem.status).header('content-type', PROBLEM_CONTENT_TYPE).send(Buffer.from(problem.body));
}
