import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operation } from './harness/client.js';
import { type DescribedRoute, describedRoutes, filledPath } from './harness/described-routes.js';
import { plantedFaults } from './harness/planted-faults.js';
import { Services } from './harness/services.js';
import { validBodies } from './harness/valid-bodies.js';

const longer = process.env['STRATA_TEST_SCALE'] === 'nightly' ? 10 : 1;
/** No answer takes longer, in ms. */
const hangsAfterMs = 15_000;

let services: Services;
let database: pg.Pool;
let writes: readonly DescribedRoute[];
let ids: Readonly<Record<string, string>>;

beforeAll(async () => {
  // Without workers nothing but what is asked here writes to the log.
  services = await Services.start({ workers: 0 });
  database = new pg.Pool({ connectionString: services.database.admin, max: 1 });
  const { alpha, admin, seeded, tokens } = services;
  const projectId = seeded.projects.alpha;
  const wish = { name: 'x', sizeGiB: 10, type: 'SSD', availabilityZone: 'eu-de-01' };
  const { body } = await alpha.post<Operation>(`/v1/projects/${projectId}/disks`, wish);
  if (body.target.type !== 'disk') throw new Error('not the operation of one disk');
  const binding = await admin.post<{ id: string }>('/v1/bindings', validBodies['POST /v1/bindings']);
  ids = {
    projectId,
    operationId: body.id,
    diskId: body.target.id,
    snapshotId: body.target.id,
    transferId: body.target.id,
    findingId: body.target.id,
    pauseId: body.target.id,
    bindingId: binding.body.id,
    tokenId: tokens.alpha.split('_')[1] ?? '',
  };
  const { routes } = await describedRoutes(services.apiUrl);
  writes = routes.filter(({ method }) => method !== 'GET');
});
afterAll(async () => {
  await database.end();
  await services.stop();
});

const head = async (): Promise<number> => {
  const { rows } = await database.query<{ head: string }>('select coalesce(max(position), 0) as head from events');
  return Number(rows[0]?.head);
};

const called = ({ method, path }: DescribedRoute): string => `${method} ${path}`;

interface Sent {
  readonly status: number;
  readonly type: string | null;
  readonly told: Record<string, unknown>;
}

const send = async (
  route: DescribedRoute,
  body: string | Uint8Array<ArrayBuffer> | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<Sent> => {
  const response = await fetch(services.apiUrl + filledPath(route.path, ids), {
    method: route.method,
    headers: {
      authorization: `Bearer ${services.tokens.platformAdmin}`,
      'content-type': 'application/json',
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(hangsAfterMs),
  });
  const text = await response.text();
  const told = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  return { status: response.status, type: response.headers.get('content-type'), told };
};

/** A problem that says what it is, no fault of ours, and no trace of what was refused. */
const expectRefusal = ({ status, type, told }: Sent, what: unknown): void => {
  expect({ what, status, refused: status >= 400 && status < 500 }).toEqual({ what, status, refused: true });
  expect({ what, type, problem: told['status'] }).toEqual({ what, type: 'application/problem+json', problem: status });
  expect(told['type']).toMatch(/^\/problems\/[a-z-]+$/);
};

const errorsOf = ({ told }: Sent): readonly { readonly pointer: string; readonly detail: string }[] =>
  (told['errors'] ?? []) as readonly { pointer: string; detail: string }[];

describe('a write with one wrong member', () => {
  it('is refused with the member and the rule, and leaves nothing in the log', { timeout: 300_000 }, async () => {
    const withBody = writes.filter(({ body }) => body !== undefined);
    expect(withBody.map(called).toSorted()).toEqual(Object.keys(validBodies).toSorted());
    const before = await head();
    let cases = 0;
    for (const route of withBody) {
      for (const { pointer, what, body } of plantedFaults(validBodies[called(route)] ?? {})) {
        const sent = await send(route, JSON.stringify(body));
        const where = { route: called(route), pointer, what, told: sent.told };
        expectRefusal(sent, where);
        if (sent.status === 413) continue;
        expect({ ...where, status: sent.status, type: sent.told['type'] }).toEqual({
          ...where,
          status: 400,
          type: '/problems/invalid-request',
        });
        const named = errorsOf(sent).filter(
          (error) => error.pointer === pointer || error.pointer.startsWith(`${pointer}/`),
        );
        expect(named, JSON.stringify(where)).not.toEqual([]);
        for (const { detail } of named) expect(detail, JSON.stringify(where)).toMatch(/\w{2}/);
        cases += 1;
      }
    }
    process.stdout.write(`${cases} planted faults, each named\n`);
    expect(cases).toBeGreaterThan(500);
    expect(await head()).toBe(before);
  });
});

const text = fc.string({ unit: 'binary', maxLength: 60 });
const rubbish: fc.Arbitrary<string | Uint8Array<ArrayBuffer>> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Uint8Array.from(bytes)),
  text,
  fc.integer({ min: 1, max: 20_000 }).map((depth) => '['.repeat(depth)),
  fc.integer({ min: 1, max: 20_000 }).map((depth) => '{"a":'.repeat(depth)),
  fc.integer({ min: 1, max: 5_000 }).map((depth) => `{"name":${'['.repeat(depth)}${']'.repeat(depth)}}`),
  fc.constantFrom(
    '',
    ' ',
    'null',
    '0',
    '"',
    '"name"',
    '[]',
    '\ufeff{}',
    '{"name":"x","name":"y"',
    '{"name":NaN}',
    "{'a':1}",
  ),
  fc.constantFrom(
    '{"__proto__":{"admin":true}}',
    '{"constructor":{"prototype":{"x":1}}}',
    '{"":""}',
    '{"a\\u0000b":1}',
  ),
  fc.constant(Uint8Array.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d])), // not UTF-8
  fc.jsonValue({ maxDepth: 6 }).map((value) => JSON.stringify(value)),
);
/** Cut off somewhere, or with one letter changed. */
const damaged = (good: string): fc.Arbitrary<string> =>
  fc.oneof(
    fc.nat(good.length - 1).map((end) => good.slice(0, end)),
    fc
      .tuple(fc.nat(good.length - 1), fc.constantFrom('"', '}', ',', '\\', '\u0000', '\ud800', '1'))
      .map(([at, letter]) => good.slice(0, at) + letter + good.slice(at + 1)),
  );
const latin1 = fc.constantFrom(
  'é',
  'ÿÿ',
  '\t',
  'a b',
  '"',
  ',',
  ';;;',
  '%',
  'x'.repeat(129),
  'x'.repeat(4_000),
  '-1',
  '',
);
const strangeHeaders = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          'idempotency-key',
          'if-match',
          'prefer',
          'traceparent',
          'x-request-id',
          'accept',
          'accept-language',
        ),
        latin1,
      )
      .map(([name, value]) => ({ [name]: value })),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(
        'text/plain',
        'application/xml',
        'multipart/form-data',
        'application/json; charset=utf-7',
        'x/',
        'a',
      )
      .map((type) => ({ 'content-type': type })),
  },
  { weight: 1, arbitrary: fc.constantFrom('gzip', 'br', 'nonsense').map((how) => ({ 'content-encoding': how })) },
);

describe('whatever is sent to a write route', () => {
  it(
    'is answered in time and without a fault of ours; what is refused leaves nothing',
    { timeout: 600_000 },
    async () => {
      const anything = fc.constantFrom(...writes).chain((route) => {
        const good = JSON.stringify(validBodies[called(route)] ?? {});
        return fc.record({
          route: fc.constant(route),
          body: fc.oneof({ weight: 3, arbitrary: rubbish }, { weight: 2, arbitrary: damaged(good) }),
          headers: strangeHeaders,
        });
      });
      const statuses = new Map<number, number>();
      let before = await head();
      await fc.assert(
        fc.asyncProperty(anything, async ({ route, body, headers }) => {
          // What succeeds must not take away what the cases after it are about.
          const sent = await send({ ...route, path: `${route.path}?validateOnly=true` }, body, headers);
          statuses.set(sent.status, (statuses.get(sent.status) ?? 0) + 1);
          if (sent.status >= 300) expectRefusal(sent, { route: called(route), headers });
          if (sent.status === 400) expect(errorsOf(sent).length, JSON.stringify(sent.told)).toBeGreaterThan(0);
          const after = await head();
          expect(after).toBe(before);
          before = after;
        }),
        { numRuns: 1_600 * longer, endOnFailure: true },
      );
      process.stdout.write(`${[...statuses].map(([status, n]) => `${status}: ${n}`).join(', ')}\n`);
      expect(statuses.get(400) ?? 0).toBeGreaterThan(400);
      expect((await services.alpha.get('/health/ready')).status).toBe(200);
    },
  );

  it.each([
    ['no HTTP at all', '\u0016\u0003\u0001\u0002\u0000'],
    ['a request line without end', `POST /${'x'.repeat(100_000)}`],
    ['headers without end', `POST /v1/projects HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(5_000)}`],
    ['two lengths', 'POST /v1/projects HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n{}'],
    [
      'a length and chunks',
      'POST /v1/projects HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a chunk that is none', 'POST /v1/projects HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
    ['a zero byte in a header', 'GET /v1/me HTTP/1.1\r\nhost: x\r\nauthorization: Bearer \u0000\r\n\r\n'],
    ['a method that is none', 'BREW /v1/projects HTTP/1.1\r\nhost: x\r\n\r\n'],
  ])('survives %s', async (_what, bytes) => {
    const { hostname, port } = new URL(services.apiUrl);
    const socket = connect(Number(port), hostname);
    socket.setTimeout(hangsAfterMs, () => socket.destroy(new Error('no answer')));
    let answer = '';
    socket.on('data', (part: Buffer) => (answer += part.toString('latin1')));
    socket.on('error', (error: NodeJS.ErrnoException) => expect(error.code).toMatch(/EPIPE|ECONNRESET/));
    socket.write(bytes, 'latin1');
    await once(socket, 'close');
    expect(answer.slice(0, 12)).toMatch(/^(HTTP\/1\.1 4\d\d)?$/);
    expect((await services.alpha.get('/health/ready')).status).toBe(200);
  });
});
