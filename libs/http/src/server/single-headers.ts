import type { IncomingMessage, Server } from 'node:http';
import type { RequestFault } from '../problems/refused.js';

/**
 * Of which a request has one (RFC 9110 §5.3; `Host`: RFC 9112 §3.2). Node.js takes the first, or joins them: whoever stands in
 * between may have gone by the other.
 */
const givenOnce: ReadonlySet<string> = new Set(['authorization', 'content-type', 'host', 'idempotency-key']);

/** What keeps a request from being well-formed, before anything of it is believed. */
export const singleHeaderFaults = ({ rawHeaders, httpVersion }: IncomingMessage): readonly RequestFault[] => {
  const given = rawHeaders.flatMap((text, index) => (index % 2 === 0 ? [text.toLowerCase()] : []));
  const repeated = [...givenOnce].filter((name) => given.indexOf(name) !== given.lastIndexOf(name));
  const faults = repeated.map((name) => ({ pointer: `/header/${name}`, detail: 'must be given once' }));
  if (httpVersion === '1.1' && !given.includes('host')) faults.push({ pointer: '/header/host', detail: 'is required' });
  return faults;
};

/** An `Expect` that nobody knows is passed over (RFC 9110 §10.1.1 allows it): Node.js would answer without a problem. */
export const passOverExpectations = (server: Server): Server =>
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
