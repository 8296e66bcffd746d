import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { problem, type Refused } from './refused.js';
import { asRefused, toProblem } from './to-problem.js';
import { answerBesides } from '../server/unread-body.js';

/** Answers with a problem. Nothing is written when an answer is already under way. */
export const sendProblem = (refused: Refused, request: FastifyRequest, reply: FastifyReply): void => {
  if (reply.sent || reply.raw.headersSent) return;
  request.strata.problem = refused.refusal.type;
  const body = toProblem(refused, request);
  void reply.code(body.status).headers(refused.headers).header('content-type', 'application/problem+json');
  if (body.status === 401) void reply.header('www-authenticate', 'Bearer');
  const { retryAfterSeconds } = refused.refusal;
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(Math.ceil(retryAfterSeconds)));
  else if (body.status === 429 || body.status === 503) void reply.header('retry-after', '1');
  // As bytes: to a text Fastify would add a charset, which this media type does not have.
  const bytes = Buffer.from(JSON.stringify(body));
  if (body.status !== 413) void reply.send(bytes);
  else
    void reply.headers({ connection: 'close', 'content-length': bytes.length }).send(answerBesides(request.raw, bytes));
};

/** The one place where something thrown becomes an answer. What is not foreseen is told to the log, not to the client. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly logger: Logger,
    private readonly known: (fault: unknown) => Refused | undefined,
  ) {}

  catch(fault: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(fault, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(fault: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const foreseen = asRefused(fault, this.known);
    if (!foreseen) this.logger.error({ err: fault, requestId: request.id }, 'a request met a fault');
    sendProblem(foreseen ?? problem('internal'), request, reply);
  }
}
