import type { FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { abortSignalOf } from '../request/abort-signal.js';
import { type Answer, type AnswerOptions, EventStreamAnswer, operationsPath, WrittenAnswer } from './answer.js';
import { writeEventStream } from './event-stream.js';
import { formatPosition } from '../request/position.js';
import { versionMatches } from '../request/request-headers.js';
import type { RouteDeclaration } from '../route/route.js';

export interface WritingContext {
  readonly incarnation: () => string;
  readonly shutdown: AbortSignal;
  readonly logger: Logger;
  /** Holds every answer against its declared schema: for tests. */
  readonly checkAnswers: boolean;
}

const setHeaders = (reply: FastifyReply, options: AnswerOptions, incarnation: () => string): void => {
  const { etag, position, location, replayed, preferenceApplied, headers } = options;
  if (etag !== undefined) void reply.header('etag', `"${etag}"`);
  if (position !== undefined) {
    void reply.header('strata-position', formatPosition({ incarnation: incarnation(), position }));
  }
  if (location !== undefined) void reply.header('location', location);
  if (replayed) void reply.header('idempotency-replayed', 'true');
  if (preferenceApplied !== undefined) void reply.header('preference-applied', preferenceApplied);
  if (headers) void reply.headers({ ...headers });
};

/** An answer that its route does not declare is a fault of ours, found in tests. */
const checkDeclared = ({ operationId, answers, versioned, write }: RouteDeclaration, answer: Answer): void => {
  const { status, options } = answer;
  const hasVersion = options.etag !== undefined;
  if (hasVersion && !versioned) throw new Error(`${operationId} does not declare that it is versioned`);
  if (versioned && !write && !hasVersion) throw new Error(`${operationId} is versioned and answers without a version`);
  const body: unknown = answer instanceof WrittenAnswer ? JSON.parse(answer.json) : answer.body;
  const schema = answers[status];
  if (schema === undefined && status !== 304) throw new Error(`${operationId} does not declare status ${status}`);
  const read = schema?.safeParse(JSON.parse(JSON.stringify(body ?? null)));
  if (read && !read.success)
    throw new Error(`${operationId} does not answer ${status} as declared: ${read.error.message}`);
};

const isUnchanged = (reply: FastifyReply, { status, options }: Answer): boolean => {
  const { input } = reply.request.strata;
  return (
    status === 200 &&
    options.etag !== undefined &&
    !options.neverUnchanged &&
    input?.ifNoneMatch !== undefined &&
    versionMatches(input.ifNoneMatch, options.etag)
  );
};

const sendStream = (reply: FastifyReply, { events }: EventStreamAnswer, context: WritingContext): void => {
  const { raw, request } = reply;
  void reply.hijack();
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  if (request.method === 'HEAD') {
    raw.end();
    return;
  }
  const formatId = (position: number) => formatPosition({ incarnation: context.incarnation(), position });
  writeEventStream(raw, events, abortSignalOf(reply, context.shutdown), formatId).catch((fault: unknown) => {
    context.logger.error({ err: fault, requestId: request.id }, 'an event stream met a fault');
  });
};

/** From an answer to bytes. */
export const sendAnswer = (reply: FastifyReply, answer: Answer, context: WritingContext): void => {
  const { body, options } = answer;
  const state = reply.request.strata;
  if (options.location?.startsWith(operationsPath)) state.operationId = options.location.slice(operationsPath.length);
  setHeaders(reply, options, context.incarnation);
  if (answer instanceof EventStreamAnswer) return sendStream(reply, answer, context);
  if (isUnchanged(reply, answer)) return void reply.code(304).send();
  if (context.checkAnswers && state.route && options.contentType === undefined) checkDeclared(state.route, answer);
  void reply.code(answer.status);
  const isWritten = answer instanceof WrittenAnswer;
  if (body === undefined && !isWritten) return void reply.send();
  const { contentType = 'application/json; charset=utf-8' } = options;
  void reply.header('content-type', contentType);
  // Of a long string the server would make room for three bytes of each letter, and that on every page of a list.
  if (isWritten) return void reply.send(Buffer.from(answer.json));
  void reply.send(typeof body === 'string' && options.contentType !== undefined ? body : JSON.stringify(body));
};
