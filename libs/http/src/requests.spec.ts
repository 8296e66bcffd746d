import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectId } from './shelves/shelves.app.js';
import { newShelf, openShelves, shelf, shelves, type ShelvesUnderTest } from './shelves/shelves.client.js';

let under: ShelvesUnderTest;
beforeAll(async () => {
  under = await openShelves();
});
afterAll(() => under.app.close());

const faultsOf = async (method: string, path: string, options: Parameters<ShelvesUnderTest['call']>[2] = {}) => {
  const { status, body } = await under.call(method, path, options);
  expect({ status, type: body['type'] }).toEqual({ status: 400, type: '/problems/invalid-request' });
  return body['errors'] as readonly { pointer: string; detail: string }[];
};

describe('a body', () => {
  it('is refused with every fault named by its pointer, together with those of the query', async () => {
    const errors = await faultsOf('POST', `${shelves}?colour=red&validateOnly=yes`, {
      body: { sizeGiB: 9.5, tags: { 'a/b~c': 1 }, height: 2 },
    });
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual([
      '/height',
      '/name',
      '/query/colour',
      '/query/validateOnly',
      '/sizeGiB',
      '/tags/a~1b~0c',
    ]);
    expect(errors.find(({ pointer }) => pointer === '/name')?.detail).toBe('is required');
    expect(errors.find(({ pointer }) => pointer === '/height')?.detail).toBe('is not a known member');
  });

  it.each([
    ['is absent', undefined, ''],
    ['is not JSON', '{"name":', ''],
    ['is not an object', '[]', ''],
    ['is null', 'null', ''],
    ['is not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), ''],
    ['has U+0000 in a text', '{"name":"a\\u0000b","sizeGiB":10}', '/name'],
    ['has a lone surrogate in a text', '{"name":"\\ud800","sizeGiB":10}', '/name'],
    ['has a lone surrogate in a name', '{"name":"a","sizeGiB":10,"tags":{"\\udc00":"x"}}', '/tags'],
    ['would change a prototype', '{"name":"a","sizeGiB":10,"tags":{"__proto__":{"x":"y"}}}', '/tags/__proto__'],
    ['would change its own prototype', '{"__proto__":{"x":"y"}}', '/__proto__'],
    ['has a number out of range', '{"name":"a","sizeGiB":1e400}', '/sizeGiB'],
    ['has an integer that is not safe', '{"name":"a","sizeGiB":9007199254740993}', '/sizeGiB'],
  ])('is refused when it %s', async (_what, body, pointer) => {
    const errors = await faultsOf('POST', shelves, { body });
    expect(errors[0]?.pointer).toBe(pointer);
  });

  it('is refused when it is nested without end, before anything walks through it', async () => {
    const errors = await faultsOf('POST', shelves, { body: `{"name":${'['.repeat(200_000)}${']'.repeat(200_000)}}` });
    expect(errors[0]?.detail).toBe('must not be nested deeper than 32 levels');
  });

  it('is refused in few words when it has more faults than anybody would read', async () => {
    const names = Array.from({ length: 120_000 }, (_, n) => `"${n.toString(36)}":0`);
    const { body } = await under.call('POST', shelves, { body: `{${names.join(',')}}` });
    expect(body).toMatchObject({ type: '/problems/invalid-request' });
    expect(body['errors']).toHaveLength(100);
    expect(body['detail']).toBe(
      '/name: is required, /sizeGiB: is required, /0: is not a known member, /1: is not a known member, ' +
        '/2: is not a known member and 95 more.',
    );
  });

  it('longer than the bound is too large', async () => {
    const { status, body } = await under.call('POST', shelves, { body: `"${'x'.repeat(1_048_577)}"` });
    expect({ status, type: body['type'] }).toEqual({ status: 413, type: '/problems/too-large' });
  });

  it('of another media type is not read', async () => {
    for (const type of ['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'nonsense']) {
      const { status, body } = await under.call('POST', shelves, { body: '{}', headers: { 'content-type': type } });
      expect({ type, status, code: body['type'] }).toEqual({
        type,
        status: 415,
        code: '/problems/unsupported-media-type',
      });
    }
  });

  it('that is compressed is not read, and told so', async () => {
    for (const encoding of ['gzip', 'br', 'deflate, gzip']) {
      const headers = { 'content-encoding': encoding };
      const answer = await under.call('POST', shelves, { body: '\u001f\u008b', headers });
      expect(answer).toMatchObject({ status: 415, body: { type: '/problems/unsupported-media-type' } });
      expect(answer.body['detail']).toMatch(/^unsupported content-encoding/);
      expect(answer.headers.get('accept-encoding')).toBe('identity');
    }
    const plain = { 'content-encoding': 'Identity' };
    expect((await under.call('POST', shelves, { body: newShelf, headers: plain })).status).toBe(202);
  });

  it('breaks one rule with a number that no whole number is', async () => {
    expect(await faultsOf('POST', shelves, { body: { ...newShelf, sizeGiB: 1e20 } })).toEqual([
      { pointer: '/sizeGiB', detail: 'must be at most 32768' },
    ]);
  });

  it('may be a merge patch for PATCH, and for nothing else', async () => {
    const headers = { 'content-type': 'application/merge-patch+json; charset=utf-8' };
    expect((await under.call('PATCH', shelf, { body: { name: 'b' }, headers })).status).toBe(200);
    expect((await under.call('POST', shelves, { body: newShelf, headers })).status).toBe(415);
  });

  it('may be absent or empty where none is expected, and nothing else', async () => {
    expect((await under.call('DELETE', shelf)).status).toBe(204);
    expect((await under.call('DELETE', shelf, { body: {} })).status).toBe(204);
    expect((await under.call('DELETE', shelf, { headers: { 'content-type': 'application/json' } })).status).toBe(204);
    expect(await faultsOf('DELETE', shelf, { body: { force: true } })).toEqual([
      { pointer: '/force', detail: 'is not a known member' },
    ]);
  });
});

describe('a query', () => {
  it('of a route without one refuses every member', async () => {
    expect((await faultsOf('GET', '/v1/echo?x=1&y=2')).map(({ pointer }) => pointer)).toEqual(['/query/x', '/query/y']);
    expect((await faultsOf('GET', '/health/live?x=1')).map(({ pointer }) => pointer)).toEqual(['/query/x']);
  });

  it('takes booleans as true and false only, once', async () => {
    expect((await under.call('DELETE', `${shelf}?cascade=true`)).headers.get('strata-position')).toMatch(/\.43$/);
    expect((await under.call('DELETE', `${shelf}?cascade=false`)).headers.get('strata-position')).toMatch(/\.42$/);
    for (const query of ['cascade=1', 'cascade=', 'cascade=true&cascade=true', 'Cascade=true']) {
      expect(await faultsOf('DELETE', `${shelf}?${query}`)).toHaveLength(1);
    }
  });

  it.each([
    ['status=broken', ['/query/status']],
    ['status=free&status=broken', ['/query/status/1']],
    ['tags.team=' + 'x'.repeat(256), ['/query/tags.team']],
    [`tags.team=a&tags.team=${'x'.repeat(256)}`, ['/query/tags.team/1']],
    ['sizeGiB.gte=-1', ['/query/sizeGiB.gte']],
    ['tags=a&other=b', ['/query/other', '/query/tags']],
    ['limit=1&limit=2', ['/query/limit']],
    ['tags.team=%zz&limit=1', ['/query/tags.team']],
    ['tags.te%61m=%E0%A4&status=%', ['/query/status', '/query/tags.team']],
    ['%zz=1', ['/query']],
  ])('is told wrong at the parameter as it was given: %s', async (query, pointers) => {
    expect((await faultsOf('GET', `${shelves}?${query}`)).map(({ pointer }) => pointer).toSorted()).toEqual(pointers);
  });

  it('that is no percent-encoding is told together with the faults of the body', async () => {
    const errors = await faultsOf('POST', `${shelves}?colour=%zz`, { body: { sizeGiB: 10 } });
    expect(errors).toEqual([
      { pointer: '/query/colour', detail: 'is not percent-encoded UTF-8' },
      { pointer: '/name', detail: 'is required' },
    ]);
    expect((await under.call('GET', `${shelves}?tags.team=100%25`)).status).toBe(200);
  });

  it('does not know validateOnly on a read', async () => {
    expect((await faultsOf('GET', `${shelves}?validateOnly=true`))[0]?.pointer).toBe('/query/validateOnly');
  });
});

describe('a path', () => {
  it.each(['/v1/nowhere', '/v1/projects/not-an-id/shelves', '/v1', '/v1/projects//shelves', `${shelves}/`, '/v1/%00'])(
    'that leads nowhere is not found: %s',
    async (path) => {
      const { status, body, headers } = await under.call('GET', path);
      expect({ status, type: body['type'] }).toEqual({ status: 404, type: '/problems/not-found' });
      expect(headers.get('content-type')).toBe('application/problem+json');
    },
  );

  it('that is known for other methods lists them', async () => {
    const { status, body, headers } = await under.call('PUT', shelf);
    expect({ status, type: body['type'] }).toEqual({ status: 405, type: '/problems/method-not-allowed' });
    expect(headers.get('allow')).toBe('DELETE, GET, HEAD, PATCH');
  });

  it('that is malformed is told so', async () => {
    const answer = await under.raw(`GET /v1/projects/%E0%A4%A HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('/problems/invalid-request');
    expect(answer.toLowerCase()).toContain('x-request-id: ');
  });

  it('is answered to HEAD like to GET, without a body', async () => {
    const { status, text, headers } = await under.call('HEAD', shelf);
    expect({ status, text, etag: headers.get('etag') }).toEqual({ status: 200, text: '', etag: '"3"' });
  });
});

describe('bytes that are not HTTP', () => {
  it('get a problem as well', async () => {
    const answer = await under.raw('NONSENSE\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('application/problem+json');
    expect(answer).toContain('"detail":"What was received is not a well-formed HTTP request."');
  });

  it('get a problem when the header is too large', async () => {
    const answer = await under.raw(`GET /v1/echo HTTP/1.1\r\nhost: x\r\nx-much: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain('/problems/header-too-large');
  });
});

describe('a header', () => {
  it.each([
    ['idempotency-key', 'x'.repeat(129)],
    ['idempotency-key', 'schlüssel'],
    ['idempotency-key', ''],
    ['if-match', '3'],
    ['if-match', '"3'],
    ['prefer', 'wait=0'],
    ['prefer', 'wait=61'],
    ['prefer', 'respond-async, wait=ten'],
    ['prefer', 'wait'],
  ])('%s: %s is refused by name', async (name, value) => {
    const errors = await faultsOf('PATCH', shelf, { body: {}, headers: { [name]: value } });
    expect(errors.map(({ pointer }) => pointer)).toEqual([`/header/${name}`]);
  });

  it.each([
    ['strata-min-position', '41'],
    ['last-event-id', 'x'],
    ['if-none-match', 'x'],
  ])('%s: %s is refused by name on a read', async (name, value) => {
    const errors = await faultsOf('GET', `${shelves}/events`, { headers: { [name]: value } });
    expect(errors.map(({ pointer }) => pointer)).toEqual([`/header/${name}`]);
  });

  it('that the conventions know reaches the handler', async () => {
    const headers = { 'idempotency-key': 'k 1', 'if-match': 'W/"3", "3"', prefer: 'return=minimal, wait="10"' };
    const { body } = await under.call('PATCH', shelf, { body: { name: 'b' }, headers });
    expect(body).toMatchObject({ idempotencyKey: 'k 1', prefer: { waitSeconds: 10 }, validateOnly: false });
  });

  it('makes a write depend on the version', async () => {
    const statusWith = async (ifMatch: string) =>
      (await under.call('PATCH', shelf, { body: {}, headers: { 'if-match': ifMatch } })).status;
    expect(await statusWith('"3"')).toBe(200);
    expect(await statusWith('"2", "3"')).toBe(200);
    expect(await statusWith('*')).toBe(200);
    expect(await statusWith('"2"')).toBe(412);
    expect(await statusWith('W/"3"')).toBe(412);
    expect(await statusWith('"unknown"')).toBe(412);
  });

  it('is read before nothing at all is validated only, and keys are ignored then', async () => {
    const { body } = await under.call('PATCH', `${shelf}?validateOnly=true`, {
      body: {},
      headers: { 'idempotency-key': 'k' },
    });
    expect(body).toMatchObject({ validateOnly: true, idempotencyKey: null });
  });
});

describe('a request id', () => {
  it('is taken when it is sane, else made, and always returned', async () => {
    const idOf = async (path: string, headers: Record<string, string>) =>
      (await under.call('GET', path, { headers })).headers.get('x-request-id');
    expect(await idOf('/v1/echo', { 'x-request-id': 'r-1' })).toBe('r-1');
    expect(await idOf('/v1/nowhere', { 'x-request-id': 'r-2' })).toBe('r-2');
    expect(await idOf('/v1/echo', { 'x-request-id': 'a b' })).toMatch(/^[0-9a-f-]{36}$/);
    expect(await idOf('/v1/echo', { 'x-request-id': 'x'.repeat(129) })).toMatch(/^[0-9a-f-]{36}$/);
    const { body } = await under.call('GET', '/v1/nowhere', { headers: { 'x-request-id': 'r-3' } });
    expect(body).toMatchObject({ requestId: 'r-3', instance: '/v1/nowhere' });
  });
});

describe('a fingerprint', () => {
  const fingerprint = async (path: string, body: unknown, headers: Record<string, string> = {}) =>
    (await under.call('PATCH', path, { body, headers })).body['fingerprint'];

  it('is the same for the same request, however it is spelt', async () => {
    const one = await fingerprint(shelf, '{"name":"a","sizeGiB":10}');
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(await fingerprint(shelf, ' { "sizeGiB": 1.0e1, "name": "\\u0061" } ')).toBe(one);
    expect(await fingerprint(shelf, { name: 'a', sizeGiB: 10 }, { prefer: 'wait=1', 'x-request-id': 'z' })).toBe(one);
  });

  it('differs with body, path and precondition', async () => {
    const other = shelf.replace(/1$/, '2');
    const all = await Promise.all([
      fingerprint(shelf, { name: 'a' }),
      fingerprint(shelf, { name: 'b' }),
      fingerprint(other, { name: 'a' }),
      fingerprint(shelf, { name: 'a' }, { 'if-match': '"3"' }),
      fingerprint(`${shelf}?validateOnly=false`, { name: 'a' }),
    ]);
    expect(new Set(all).size).toBe(5);
  });
});

describe('who is not known', () => {
  it.each([{}, { authorization: 'Bearer bad' }, { authorization: 'Basic Z29vZA==' }])(
    'is turned away before anything is read: %j',
    async (headers) => {
      const response = await fetch(`${under.app.url}${shelves}?nonsense=1`, { headers });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect(await response.json()).toMatchObject({ type: '/problems/unauthenticated', retryable: false });
    },
  );

  it('may ask what is public', async () => {
    for (const path of ['/v1/echo', '/health/live', '/health/ready', '/openapi.json', '/docs', '/problems/forbidden']) {
      expect((await fetch(under.app.url + path)).status).toBe(200);
    }
  });
});

describe('a position', () => {
  it('of this log is handed on as a number, of a log since restored it is gone', async () => {
    const { headers } = await under.call('GET', shelf);
    const position = headers.get('strata-position') ?? '';
    const at = (text: string) => under.call('GET', `/v1/echo`, { headers: { 'strata-min-position': text } });
    expect((await at(position)).body['minPosition']).toBe(41);
    const gone = await at('0195f3a0-2222-7000-8000-000000000000.41');
    expect({ status: gone.status, type: gone.body['type'] }).toEqual({ status: 410, type: '/problems/log-restored' });
  });

  it('in the path of another project changes nothing for the reader', async () => {
    const { status } = await under.call('GET', shelves.replace(projectId, projectId.toUpperCase()));
    expect(status).toBe(200);
  });
});
