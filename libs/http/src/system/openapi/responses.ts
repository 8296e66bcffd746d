import { z } from 'zod';
import type { PlatformProblem, ProblemKinds } from '../../problems/problem-kinds.js';
import type { RouteDeclaration } from '../../route/route.js';
import type { Schemas } from './schemas.js';

export const responseHeaders = {
  RequestId: { description: 'Of this request, as found in the log.', schema: { type: 'string' } },
  ETag: { description: 'Version of the resource, strong.', schema: { type: 'string' }, example: '"3"' },
  Location: { description: 'Where the operation or the new resource is found.', schema: { type: 'string' } },
  Position: {
    description: 'Place in the log of what was written or is shown; opaque, `<incarnation>.<position>`.',
    schema: { type: 'string' },
  },
  Replayed: { description: '`true` when the answer was given before under this key.', schema: { type: 'string' } },
  PreferenceApplied: { description: 'The preference that was honoured.', schema: { type: 'string' } },
  RetryAfter: { description: 'Seconds to wait.', schema: { type: 'integer' } },
} as const;

export const Problem = z
  .looseObject({
    type: z.string().meta({ description: '`/problems/<code>`: leads to an explanation.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    requestId: z.string(),
    retryable: z.boolean().meta({ description: 'Whether the very same request may succeed later.' }),
    errors: z
      .array(z.strictObject({ pointer: z.string(), detail: z.string() }))
      .optional()
      .meta({ description: 'Every fault of the request by its JSON pointer (RFC 6901).' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457; members beyond these belong to the code.' });

const ref = (name: keyof typeof responseHeaders) => ({ $ref: `#/components/headers/${name}` });

const headersOf = (route: RouteDeclaration, status: number) => ({
  'X-Request-Id': ref('RequestId'),
  ...(status === 201 || status === 202 ? { Location: ref('Location') } : {}),
  ...(route.access === 'authenticated' ? { 'Strata-Position': ref('Position') } : {}),
  ...(route.versioned && status !== 204 ? { ETag: ref('ETag') } : {}),
  ...(route.write ? { 'Idempotency-Replayed': ref('Replayed'), 'Preference-Applied': ref('PreferenceApplied') } : {}),
});

const reasons: Readonly<Record<number, string>> = {
  200: 'Done, or shown.',
  201: 'Created.',
  202: 'Accepted: the operation tells how it goes on.',
  204: 'Deleted.',
};

const contentOf = (schemas: Schemas, route: RouteDeclaration, schema: z.ZodType) => ({
  ...(schema instanceof z.ZodString ? {} : { 'application/json': { schema: schemas.of(schema, 'output') } }),
  ...Object.fromEntries(route.produces.map((type) => [type, { schema: { type: 'string' } }])),
  ...(route.stream ? { 'text/event-stream': { schema: { type: 'string' } } } : {}),
});

/** The problems that the conventions bring to a route of this kind. */
const conventional = (route: RouteDeclaration): readonly PlatformProblem[] => [
  'invalid-request',
  'not-acceptable',
  'internal',
  'unavailable',
  ...(route.access === 'authenticated' ? (['unauthenticated', 'forbidden'] as const) : []),
  ...(route.path.includes(':') ? (['not-found'] as const) : []),
  ...(route.method === 'GET' ? [] : (['too-large', 'unsupported-media-type'] as const)),
  ...(route.write ? (['idempotency-mismatch', 'version-conflict', 'concurrent-change'] as const) : []),
  ...(route.access === 'authenticated' && !route.write ? (['invalid-cursor', 'log-restored'] as const) : []),
];

const problemResponse = (status: string, codes: readonly string[], problems: ProblemKinds) => ({
  description: codes.map((code) => `\`${code}\`: ${problems[code]?.title ?? ''}.`).join(' '),
  headers: {
    'X-Request-Id': ref('RequestId'),
    ...(status === '429' || status === '503' ? { 'Retry-After': ref('RetryAfter') } : {}),
  },
  content: {
    'application/problem+json': {
      schema: { $ref: '#/components/schemas/Problem' },
      examples: Object.fromEntries(codes.map((code) => [code, { value: exampleOf(code, problems) }])),
    },
  },
});

const exampleOf = (code: string, problems: ProblemKinds) => {
  const { title = '', status = 0, retryable = false } = problems[code] ?? {};
  const requestId = '0195f3a0-7c1e-4f6a-9d2b-5b8f0c6e1a2d';
  return { type: `/problems/${code}`, title, status, detail: title, instance: '/v1', requestId, retryable };
};

export const responsesOf = (schemas: Schemas, route: RouteDeclaration, problems: ProblemKinds): object => {
  const answers = Object.entries(route.answers).map(([status, schema]) => [
    status,
    {
      description: reasons[Number(status)] ?? 'Answered.',
      headers: headersOf(route, Number(status)),
      ...(schema === null ? {} : { content: contentOf(schemas, route, schema) }),
    },
  ]);
  const codes = [...new Set([...conventional(route), ...route.problems])];
  const byStatus = Object.groupBy(codes, (code) => String(problems[code]?.status));
  const refusals = Object.entries(byStatus).map(([status, of = []]) => [status, problemResponse(status, of, problems)]);
  const unchanged = route.versioned === true && !route.write ? [['304', { description: 'Unchanged.' }]] : [];
  return Object.fromEntries([...answers, ...unchanged, ...refusals]);
};
