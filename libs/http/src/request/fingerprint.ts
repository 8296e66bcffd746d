import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { FastifyRequest } from 'fastify';

const pathOf = (url: string): string => {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
};

/** SHA-256, hex. Two requests with the same figure ask for the same, however their JSON and query are ordered. */
export const fingerprintOf = (request: FastifyRequest): string =>
  createHash('sha256')
    .update(
      canonicalize([
        request.method,
        pathOf(request.url),
        request.query ?? {},
        request.headers['if-match'] ?? null,
        request.body ?? null,
      ]) ?? '',
    )
    .digest('hex');
