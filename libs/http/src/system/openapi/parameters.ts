import { type z } from 'zod';
import { listParameters } from '../../lists/list-query.js';
import type { JsonSchema } from '../../route/documented.js';
import type { RouteDeclaration } from '../../route/route.js';
import type { Schemas } from './schemas.js';

/** Headers that a request may carry, by the conventions. */
export const headerParameters = {
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'Sent again with the same request, it gets the first answer (`Idempotency-Replayed: true`) and nothing is done twice. ' +
      'Kept for 7 days, per caller and project.',
    schema: { type: 'string', minLength: 1, maxLength: 128, pattern: '^[\\x20-\\x7e]+$' },
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    description: 'The `ETag` that the decision rests on; another version is answered `412 version-conflict`.',
    schema: { type: 'string' },
    example: '"3"',
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description: 'The `ETag` of what is known already; if that is current, the answer is `304`.',
    schema: { type: 'string' },
    example: '"3"',
  },
  Prefer: {
    name: 'Prefer',
    in: 'header',
    description: '`wait=<1–60>`: hold the answer for so many seconds, or until the operation has ended.',
    schema: { type: 'string' },
    example: 'wait=10',
  },
  MinPosition: {
    name: 'Strata-Min-Position',
    in: 'header',
    description: 'Wait (at most 5 s) until what is shown has reached this `Strata-Position`.',
    schema: { type: 'string' },
  },
  LastEventId: {
    name: 'Last-Event-ID',
    in: 'header',
    description: 'Where an event stream goes on.',
    schema: { type: 'string' },
  },
  RequestId: {
    name: 'X-Request-Id',
    in: 'header',
    description: 'Taken over into the answer, the log and the events; made when absent.',
    schema: { type: 'string', minLength: 1, maxLength: 128 },
  },
} as const;

const headersOf = ({ write, versioned, stream, access }: RouteDeclaration): (keyof typeof headerParameters)[] => {
  if (write) return ['RequestId', 'IdempotencyKey', 'IfMatch', 'Prefer'];
  if (access === 'public') return ['RequestId'];
  return [
    'RequestId',
    ...(versioned === true ? (['IfNoneMatch'] as const) : []),
    'MinPosition',
    ...(stream ? (['LastEventId'] as const) : []),
  ];
};

const membersOf = (schemas: Schemas, schema: z.ZodType) => {
  const { properties = {}, required = [] } = schemas.of(schema, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, member]) => ({
    name,
    required: required.includes(name),
    schema: member,
  }));
};

const described = ({ description, ...schema }: JsonSchema) => ({
  schema,
  ...(typeof description === 'string' ? { description } : {}),
});

const validateOnly = {
  name: 'validateOnly',
  in: 'query',
  required: false,
  description: 'Tell the verdict and write nothing; the idempotency key is ignored.',
  schema: { type: 'boolean' },
} as const;

export const parametersOf = (schemas: Schemas, route: RouteDeclaration): readonly object[] => [
  ...membersOf(schemas, route.params).map(({ name, schema }) => ({
    name,
    in: 'path',
    required: true,
    ...described(schema),
  })),
  ...(listParameters(route.query) ?? membersOf(schemas, route.query)).map(({ name, required, schema }) => ({
    name,
    in: 'query',
    required,
    ...described(schema),
  })),
  ...(route.write ? [validateOnly] : []),
  ...headersOf(route).map((name) => ({ $ref: `#/components/parameters/${name}` })),
];
