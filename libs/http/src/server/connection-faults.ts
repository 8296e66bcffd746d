import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problem, type Refused } from '../problems/refused.js';
import { asRefused, toProblem } from '../problems/to-problem.js';

const refusalOf = (code: string): Refused => {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return problem('header-too-large');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return problem('request-timeout');
    default:
      return problem('invalid-request', {
        errors: [{ pointer: '', detail: 'is not a well-formed HTTP request' }],
        detail: 'What was received is not a well-formed HTTP request.',
      });
  }
};

/** Bytes that are not HTTP: there is no request to speak of yet, only a connection, which ends with the answer. */
export const answerClientError = (error: Error & { readonly code?: string }, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const id = randomUUID();
  const told = toProblem(refusalOf(error.code ?? ''), { url: '', id });
  const { status } = told;
  const body = JSON.stringify(told);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/problem+json\r\nx-request-id: ${id}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
};

/** An address that the router could not read: no hook runs for it, so the request has no state. */
export const answerUnroutable = (fault: Error, request: FastifyRequest, reply: FastifyReply): void => {
  const body = toProblem(asRefused(fault) ?? problem('internal'), request);
  void reply
    .code(body.status)
    .header('content-type', 'application/problem+json')
    .header('x-request-id', request.id)
    .send(Buffer.from(JSON.stringify(body)));
};
