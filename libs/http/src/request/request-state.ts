import type { Caller } from '../server/auth.js';
import type { RequestInput } from './request-input.js';
import type { RouteDeclaration } from '../route/route.js';

/** What the platform knows of a request under way, for the log line at its end. */
export interface RequestState {
  caller: Caller | null;
  route: RouteDeclaration | undefined;
  input: RequestInput | undefined;
  /** The operation that the answer is about. */
  operationId: string | undefined;
  problem: string | undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    strata: RequestState;
  }
}
