import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApi, type ApiUnderTest } from './contract/api-under-test.js';

type Schema = Readonly<Record<string, unknown>>;

interface WriteRoute {
  readonly method: string;
  readonly path: string;
  readonly body: Schema | undefined;
}

interface Case {
  readonly route: WriteRoute;
  readonly path: string;
  readonly body: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

const cases = 2_400;
const unknownId = '0195f3a0-0000-7000-8000-00000000dead';

let under: ApiUnderTest;
let tokens: readonly string[];
let ids: readonly string[];
let routes: readonly WriteRoute[];
let components: Readonly<Record<string, Schema>>;

beforeAll(async () => {
  under = await openApi();
  const { projects, bindings } = under.seeded;
  tokens = [under.tokens.alpha, under.tokens.platformAdmin];
  const { diskId, operationId } = await under.requestDisk(projects.alpha, under.tokens.alpha);
  ids = [projects.alpha, projects.beta, bindings.simulator, operationId, diskId, unknownId];
  ({ routes, components } = await describedRoutes());
});
afterAll(() => under.close());

const describedRoutes = async () => {
  const document = (await (await fetch(`${under.api.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { requestBody?: { content: Record<string, { schema: Schema }> } }>>;
    components: { schemas: Record<string, Schema> };
  };
  const writes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => method !== 'get')
      .map(([method, { requestBody }]) => ({ method, path, body: requestBody?.content['application/json']?.schema })),
  );
  return { routes: writes, components: document.components.schemas };
};

const hostileText = fc.constantFrom(
  '',
  ' ',
  '\u0000',
  '\ud800',
  '__proto__',
  '../../etc',
  "'; drop table events; --",
  '${jndi:x}',
  'x'.repeat(5_000),
  '2026-13-45T99:99:99Z',
  '🙂'.repeat(300),
  'strata-x',
);
const hostile: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom(null, true, 0, -1, 1.5, 1e308, 9_007_199_254_740_993, 2_147_483_648, [], {}, [[[]]]),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Mostly what the schema asks for, so that cases get past the first fault. */
const fitting = (schema: Schema, depth = 0): fc.Arbitrary<unknown> => {
  if (typeof schema['$ref'] === 'string')
    return fitting(components[schema['$ref'].split('/').pop() ?? ''] ?? {}, depth);
  if (depth > 4) return fc.constant(null);
  const forms = (schema['anyOf'] ?? schema['oneOf']) as readonly Schema[] | undefined;
  if (forms) return fc.oneof(...forms.map((form) => fitting(form, depth + 1)));
  if ('const' in schema) return fc.constant(schema['const']);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]));
  const type = [schema['type']].flat()[0];
  if (type === 'object') return fittingObject(schema, depth);
  if (type === 'array') return fc.array(fitting((schema['items'] ?? {}) as Schema, depth + 1), { maxLength: 3 });
  if (type === 'integer' || type === 'number') return fc.integer({ min: Number(schema['minimum'] ?? 0), max: 40_000 });
  if (type === 'boolean') return fc.boolean();
  if (type === 'string') return schema['format'] === 'uuid' ? fc.constantFrom(...ids) : fc.string({ maxLength: 30 });
  return hostile;
};

const fittingObject = (schema: Schema, depth: number): fc.Arbitrary<unknown> => {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>;
  const members = Object.fromEntries(
    Object.entries(properties).map(([name, member]) => [name, fitting(member, depth + 1)]),
  );
  if (Object.keys(members).length === 0)
    return fc.dictionary(fc.string({ maxLength: 20 }), hostileText, { maxKeys: 3 });
  const required = (schema['required'] ?? []) as string[];
  return fc.record(members, { requiredKeys: required.filter((name) => name in members) });
};

const spoilt = (value: unknown, names: readonly string[]): fc.Arbitrary<unknown> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return hostile;
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(value) },
    fc.tuple(fc.constantFrom(...names, 'unknown', '__proto__', 'id'), hostile).map(([name, bad]) => {
      return Object.defineProperty({ ...value }, name, { value: bad, enumerable: true });
    }),
    fc
      .constantFrom(...names, 'none')
      .map((name) => Object.fromEntries(Object.entries(value).filter(([key]) => key !== name))),
    hostile,
  );
};

const bodyFor = ({ body }: WriteRoute): fc.Arbitrary<string | undefined> => {
  const names = Object.keys((body?.['properties'] ?? {}) as object);
  const value = body ? fitting(body).chain((good) => spoilt(good, names)) : fc.oneof(fc.constant({}), hostile);
  const text = value.map((whole) => JSON.stringify(whole));
  const broken = fc.constantFrom(undefined, '', '{', '[]', 'null', '{"a":1}', '{"a":'.repeat(50), '\ufeff{}', '[[[');
  return fc.oneof({ weight: 9, arbitrary: text }, { weight: 1, arbitrary: broken });
};

const pathFor = ({ path }: WriteRoute): fc.Arbitrary<string> => {
  const member = fc.oneof(
    { weight: 19, arbitrary: fc.constantFrom(...ids) },
    { weight: 1, arbitrary: fc.constantFrom('x', '%00', '..', '%F0%9F%99%82', 'null', '0') },
  );
  const own = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...ids.slice(0, 1)) }, { weight: 1, arbitrary: member });
  const places = path
    .split('/')
    .map((part) => (part === '{projectId}' ? own : part.startsWith('{') ? member : fc.constant(part)));
  const query = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom('', '?validateOnly=true') },
    { weight: 1, arbitrary: fc.constantFrom('?validateOnly=', '?x=1', '?cascade=maybe', '?%00=1') },
  );
  return fc.tuple(fc.tuple(...places), query).map(([parts, rest]) => parts.join('/') + rest);
};

/** Now and then a header as well, mostly none: else everything ends there. */
const headersFor = fc
  .record({
    'content-type': fc.oneof(
      { weight: 19, arbitrary: fc.constant('application/json') },
      { weight: 1, arbitrary: fc.constantFrom('text/plain', 'x/') },
    ),
    more: fc.oneof(
      { weight: 4, arbitrary: fc.constant({}) },
      {
        weight: 1,
        arbitrary: fc.constantFrom<Record<string, string>>(
          ...['', 'k', 'fine-key', 'x'.repeat(129)].map((key) => ({ 'idempotency-key': key })),
          ...['"1"', '*', 'W/"1"', '"', '1'].map((tag) => ({ 'if-match': tag })),
          ...['wait=0', 'wait=x', 'respond-async'].map((prefer) => ({ prefer })),
          ...['*/*', 'image/png', ';;;'].map((accept) => ({ accept })),
        ),
      },
    ),
    who: fc.nat(1),
  })
  .map(({ more, who, ...type }) => ({ ...type, ...more, authorization: `Bearer ${tokens[who] ?? ''}` }));

/** With its first project gone there would be nothing left to try. */
const endsIt = ({ route, path }: Case): boolean =>
  route.method === 'delete' && path.startsWith(`/v1/projects/${ids[0]}`) && path.split('/').length === 4;

const anyCase = (): fc.Arbitrary<Case> =>
  fc
    .constantFrom(...routes)
    .chain((route) =>
      fc.record({ route: fc.constant(route), path: pathFor(route), body: bodyFor(route), headers: headersFor }),
    )
    .filter((one) => !endsIt(one));

const send = ({ route, path, body, headers }: Case): Promise<Response> =>
  fetch(under.api.url + path, {
    method: route.method.toUpperCase(),
    headers,
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(15_000),
  });

const readJson = async (response: Response): Promise<unknown> => JSON.parse(await response.text());

describe('every write route', () => {
  it('answers whatever comes: no fault, and nothing in the log for what was refused', async () => {
    expect(routes.length).toBeGreaterThanOrEqual(15);
    const statuses = new Map<number, number>();
    let { position: head } = await under.store.head();
    await fc.assert(
      fc.asyncProperty(anyCase(), async (one) => {
        const response = await send(one);
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
        expect(response.status).toBeLessThan(500);
        if (response.status < 400) {
          await response.arrayBuffer();
          ({ position: head } = await under.store.head());
          return;
        }
        const told = (await readJson(response)) as Record<string, unknown>;
        expect(response.headers.get('content-type')).toBe('application/problem+json');
        expect(told).toMatchObject({ status: response.status, type: expect.stringMatching(/^\/problems\/[a-z-]+$/) });
        if (told['type'] === '/problems/invalid-request') {
          const errors = told['errors'] as readonly { pointer: string; detail: string }[];
          expect(errors.length).toBeGreaterThan(0);
          for (const { pointer, detail } of errors)
            expect([pointer, detail]).toEqual([expect.any(String), expect.stringMatching(/\S/)]);
        }
        expect((await under.store.head()).position).toBe(head);
      }),
      { numRuns: cases, endOnFailure: true },
    );
    // Enough got past the schema, and enough was refused by it, for this to mean something.
    expect(statuses.get(400)).toBeGreaterThan(cases / 10);
    const past = [200, 202, 403, 409, 412].reduce((sum, status) => sum + (statuses.get(status) ?? 0), 0);
    expect(past).toBeGreaterThan(cases / 20);
    expect(statuses.get(401)).toBeUndefined();
  }, 240_000);
});
