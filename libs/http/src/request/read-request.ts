import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { faultsOf } from './faults.js';
import { IncarnatedPosition } from './position.js';
import { queryFaultsOf } from './query-faults.js';
import { booleanParameter } from './query-parameters.js';
import { undecodable } from './query-text.js';
import { unsafeJson } from './json-text.js';
import { invalidRequest, problem, type RequestFault } from '../problems/refused.js';
import { readHeaders } from './request-headers.js';
import { RequestInput } from './request-input.js';
import type { RouteDeclaration } from '../route/route.js';
import { reading } from './wording.js';

export interface ReadingContext {
  readonly incarnation: () => string;
  readonly shutdown: AbortSignal;
}

const mergePatch = 'application/merge-patch+json';

const readParams = (route: RouteDeclaration, raw: unknown): unknown => {
  const read = route.params.safeParse(raw, reading);
  if (read.success) return read.data;
  throw problem('not-found', { errors: faultsOf('/path', read.error.issues) });
};

/** Of the body or the query: what is answered must not grow with what was sent. */
const mostFaults = 100;

type Told = (issues: readonly z.core.$ZodIssue[]) => readonly RequestFault[];

const parse = (schema: z.ZodType, base: string, raw: unknown, faults: RequestFault[], told: Told): unknown => {
  const fault = unsafeJson(raw, base);
  if (fault) {
    faults.push(fault);
    return undefined;
  }
  const read = schema.safeParse(raw, reading);
  if (read.success) return read.data;
  faults.push(...told(read.error.issues).slice(0, mostFaults));
  return undefined;
};

const readValidateOnly = (raw: unknown, faults: RequestFault[]): boolean => {
  const read = booleanParameter.safeParse(raw, reading);
  if (read.success) return read.data;
  faults.push(...faultsOf('/query/validateOnly', read.error.issues));
  return false;
};

const checkIncarnation = (query: unknown, incarnation: () => string): void => {
  const asOf = typeof query === 'object' && query !== null && 'asOf' in query ? query.asOf : undefined;
  if (asOf instanceof IncarnatedPosition && asOf.incarnation !== incarnation()) throw problem('log-restored');
};

/**
 * From what arrived to what a handler gets. Order: path (404), media type (415), headers, then query and body together,
 * so that one answer names every fault of both.
 */
export const readRequest = (
  route: RouteDeclaration,
  request: FastifyRequest,
  reply: FastifyReply,
  { incarnation, shutdown }: ReadingContext,
): RequestInput => {
  const params = readParams(route, request.params);
  if (route.method !== 'PATCH' && request.headers['content-type']?.toLowerCase().startsWith(mergePatch)) {
    throw problem('unsupported-media-type');
  }
  const headers = readHeaders(route, request.headers, incarnation);
  const unreadable = undecodable(request.url).slice(0, mostFaults);
  const faults: RequestFault[] = [...unreadable];
  // Fastify's parser makes an object without a prototype.
  const given = request.query as Readonly<Record<string, unknown>>;
  const { validateOnly: rawValidateOnly, ...others } = given;
  const takesValidateOnly = route.write && rawValidateOnly !== undefined;
  const validateOnly = takesValidateOnly ? readValidateOnly(rawValidateOnly, faults) : false;
  const query =
    unreadable.length > 0
      ? undefined
      : parse(route.query, '/query', takesValidateOnly ? others : given, faults, (issues) =>
          queryFaultsOf(issues, given),
        );
  const body = parse(route.body, '', request.body ?? (route.hasBody ? undefined : {}), faults, (issues) =>
    faultsOf('', issues),
  );
  if (faults.length > 0) throw invalidRequest(...faults);
  checkIncarnation(query, incarnation);
  const { caller } = request.strata;
  const input = new RequestInput({
    route,
    params,
    query,
    body,
    caller,
    headers,
    validateOnly,
    request,
    reply,
    shutdown,
  });
  request.strata.input = input;
  return input;
};
