import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HttpOptions } from '../http-options.js';
import { platformProblems } from '../problems/problem-kinds.js';
import { invalidRequest, problem, Refused } from '../problems/refused.js';
import type { RequestMetrics } from '../system/metrics/request-metrics.js';
import { singleHeaderFaults } from './single-headers.js';

const saneId = /^[A-Za-z0-9._:/+=@-]{1,128}$/;

/** `X-Request-Id` when it can be written to logs and headers as it is, else a new one. */
export const requestIdOf = (request: Pick<IncomingMessage, 'headers'>): string => {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && saneId.test(given) ? given : randomUUID();
};

const parseJson = (body: Buffer): unknown => {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw invalidRequest({ pointer: '', detail: 'is not UTF-8' });
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw invalidRequest({ pointer: '', detail: 'is not JSON' });
  }
};

/** RFC 9110 §15.5.16. */
const refuseEncoded = (encoding = 'identity'): void => {
  if (encoding.toLowerCase() === 'identity') return;
  const detail = 'unsupported content-encoding: send the body as it is.';
  const type = 'unsupported-media-type';
  throw new Refused({ type, detail }, platformProblems[type], { 'accept-encoding': 'identity' });
};

/** JSON by the rules of RFC 8259, for both media types; anything else is `415`. */
export const addBodyParsers = (server: FastifyInstance, maximumBytes: number): void => {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'buffer', bodyLimit: maximumBytes },
    (request, body: Buffer, done) => {
      try {
        refuseEncoded(request.headers['content-encoding']);
        done(null, parseJson(body));
      } catch (fault) {
        done(fault instanceof Error ? fault : new Error('unreadable body'));
      }
    },
  );
};

const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? request.url;

/** One line for each request. No header, no query, no body: nothing secret can be in it. */
const logRequest = (logger: HttpOptions['logger'], request: FastifyRequest, reply: FastifyReply): void => {
  const { caller, operationId, problem: code, route } = request.strata;
  if (route?.tag === 'health' && reply.statusCode < 400) return;
  logger.info(
    {
      requestId: request.id,
      route: route?.operationId,
      method: request.method,
      path: pathOf(request),
      status: reply.statusCode,
      problem: code,
      operationId,
      actorId: caller?.actorId,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    },
    'request',
  );
};

export const addHooks = (
  server: FastifyInstance,
  options: HttpOptions,
  requests: RequestMetrics,
  shutdown: AbortSignal,
): void => {
  server.addHook('onRequest', (request, reply, done) => {
    request.strata = {
      caller: null,
      route: undefined,
      input: undefined,
      operationId: undefined,
      problem: undefined,
    };
    void reply.header('x-request-id', request.id);
    const faults = singleHeaderFaults(request.raw);
    if (faults.length > 0) return done(invalidRequest(...faults));
    if (!shutdown.aborted) return done();
    void reply.header('connection', 'close');
    done(problem('unavailable', { detail: 'Strata is stopping.', retryAfterSeconds: 5 }));
  });
  const { runInContext } = options;
  if (runInContext) {
    // After the body was read: the parser's events would lose the context.
    server.addHook('preHandler', (request, _reply, done) => {
      const traceparent = request.headers['traceparent'];
      runInContext(
        { requestId: request.id, traceparent: typeof traceparent === 'string' ? traceparent : undefined },
        done,
      );
    });
  }
  server.addHook('onResponse', (request, reply, done) => {
    logRequest(options.logger, request, reply);
    requests.observe(request.strata.route?.operationId, reply.statusCode, reply.elapsedTime / 1_000);
    done();
  });
};
