import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import { Answer } from '../answers/answer.js';
import { sendAnswer, type WritingContext } from '../answers/answer-writer.js';
import type { MountedRoutes } from './mounted-routes.js';
import type { ProblemFilter } from '../problems/problem-filter.js';
import { problem, Refused } from '../problems/refused.js';
import { platformProblems } from '../problems/problem-kinds.js';

const absent = (routes: MountedRoutes, request: FastifyRequest): Refused => {
  const methods = routes.methodsAt(request.url.split('?', 1)[0] ?? request.url);
  if (methods.length === 0) return problem('not-found');
  const kind = platformProblems['method-not-allowed'];
  const allow = methods.join(', ');
  const detail = `${request.method} is not known here; ${allow} ${methods.length === 1 ? 'is' : 'are'}.`;
  return new Refused({ type: 'method-not-allowed', detail }, kind, { allow });
};

/** Nest's adapter, except that it knows our answers, and that whatever goes wrong outside a handler ends in our filter. */
export class AnsweringAdapter extends FastifyAdapter {
  constructor(
    options: FastifyServerOptions,
    private readonly context: WritingContext,
    private readonly filter: ProblemFilter,
    private readonly routes: MountedRoutes,
  ) {
    super(options);
  }

  override reply(response: FastifyReply, body: unknown): FastifyReply {
    if (!(body instanceof Answer)) throw new Error('a handler must return an Answer');
    sendAnswer(response, body, this.context);
    return response;
  }

  override setErrorHandler(): FastifyAdapter['instance'] {
    return this.instance.setErrorHandler((fault, request, reply) => this.filter.answer(fault, request, reply));
  }

  override setNotFoundHandler(): FastifyAdapter['instance'] {
    return this.instance.setNotFoundHandler((request, reply) =>
      this.filter.answer(absent(this.routes, request), request, reply),
    );
  }
}
