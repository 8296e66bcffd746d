import { Validator } from '@seriousme/openapi-schema-validator';
import { Controller, Module } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Input, Route, startHttp } from './nest.js';
import { type Answer, Authenticator, HealthCheck, type InputOf, ok, route, type HttpOptions } from './index.js';
import { openShelves, type ShelvesUnderTest } from './shelves/shelves.client.js';
import type { OpenApiDocument } from './system/openapi/document.js';

let under: ShelvesUnderTest;
let document: OpenApiDocument;
beforeAll(async () => {
  under = await openShelves();
  document = (await under.call('GET', '/openapi.json')).body as unknown as OpenApiDocument;
});
afterAll(() => under.app.close());

const operation = (path: string, method: string) => {
  const found = document.paths[path]?.[method];
  if (!found) throw new Error(`${method} ${path} is not described`);
  return found;
};
const namesIn = (parameters: readonly object[], place: string): unknown[] =>
  parameters.flatMap((parameter) =>
    'in' in parameter && parameter.in === place && 'name' in parameter ? [parameter.name] : [],
  );

describe('the description', () => {
  it('is OpenAPI 3.1 by its own metaschema', async () => {
    const { valid, errors } = await new Validator().validate({ ...structuredClone(document) });
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  });

  it('has every route that the server mounts, and no other', () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const mounted = under.app.routes.all
      .filter(({ method }) => method !== 'HEAD')
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    expect(described.sort()).toEqual(mounted.sort());
    expect(described).toHaveLength(15);
  });

  it('refers to nothing that it does not contain', () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path?.split('/') ?? []);
    expect(references.length).toBeGreaterThan(50);
    for (const path of references) {
      const found = path.reduce<unknown>((value, member) => (value as Record<string, unknown>)?.[member], document);
      expect(found, path.join('/')).toBeDefined();
    }
  });

  it('tells of versions where answers have one, and nowhere else', () => {
    const told = ([path, method]: readonly [string, string]) => {
      const { parameters, responses } = operation(path, method);
      const [status = ''] = Object.keys(responses);
      const { headers = {} } = (responses as Record<string, { headers?: object }>)[status] ?? {};
      const asked = JSON.stringify(parameters).includes('IfNoneMatch');
      return { asked, unchanged: '304' in responses, tagged: 'ETag' in headers };
    };
    const shelves = '/v1/projects/{projectId}/shelves';
    const one = `${shelves}/{shelfId}`;
    expect(told([one, 'get'])).toEqual({ asked: true, unchanged: true, tagged: true });
    expect(told([one, 'patch'])).toEqual({ asked: false, unchanged: false, tagged: true });
    expect(told([shelves, 'get'])).toEqual({ asked: false, unchanged: false, tagged: false });
  });

  it('tells what a write takes and answers', () => {
    const build = operation('/v1/projects/{projectId}/shelves', 'post');
    expect(namesIn(build.parameters, 'path')).toEqual(['projectId']);
    expect(namesIn(build.parameters, 'query')).toEqual(['validateOnly']);
    expect(build.parameters).toContainEqual({ $ref: '#/components/parameters/IdempotencyKey' });
    expect(Object.keys(build.responses)).toEqual(
      expect.arrayContaining(['202', '400', '401', '403', '404', '409', '413', '415', '422', '500', '503']),
    );
    expect(JSON.stringify(build.responses)).toContain('/problems/shelf-full');
    expect(build.security).toEqual([{ bearer: [] }]);
  });

  it('tells the query of a list member by member', () => {
    const list = operation('/v1/projects/{projectId}/shelves', 'get');
    expect(namesIn(list.parameters, 'query')).toEqual(
      expect.arrayContaining(['limit', 'cursor', 'sort', 'asOf', 'status', 'sizeGiB.gte', 'tags.{key}']),
    );
  });

  it('has both media types of a patch', () => {
    const patch = operation('/v1/projects/{projectId}/shelves/{shelfId}', 'patch');
    expect(Object.keys((patch.requestBody as { content: object }).content)).toEqual([
      'application/merge-patch+json',
      'application/json',
    ]);
  });

  it('tells nothing of how the server is set up', () => {
    expect(JSON.stringify(document)).not.toMatch(/cursorKey|"data":\[/);
    expect(Object.keys(document.info).sort()).toEqual(['description', 'title', 'version']);
  });

  it('is found from the root, as are the checks of health', async () => {
    const { status, body, headers } = await under.call('GET', '/');
    expect({ status, type: headers.get('content-type') }).toEqual({
      status: 200,
      type: 'application/json; charset=utf-8',
    });
    expect(body).toMatchObject({ version: document.info.version });
    for (const path of Object.values(body['links'] as Record<string, string>))
      expect((await under.call('GET', path)).status, path).toBe(200);
  });

  it('is a page too, without scripts and without anything from elsewhere', async () => {
    const { text, headers } = await under.call('GET', '/docs', { headers: { accept: 'text/html' } });
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(text).not.toMatch(/<script|https?:\/\//);
    for (const path of Object.keys(document.paths)) expect(text).toContain(path);
  });
});

class Database extends HealthCheck {
  readonly name = 'database';
  constructor(private readonly answer: () => Promise<{ ok: boolean; detail: string }>) {
    super();
  }
  check() {
    return this.answer();
  }
}

describe('health', () => {
  const readyWith = async (check: HealthCheck) => {
    const shelves = await openShelves({ healthChecks: [check] });
    const ready = await shelves.call('GET', '/health/ready');
    const live = await shelves.call('GET', '/health/live');
    await shelves.app.close();
    return { ready, live };
  };

  it('is ready when every check is well', async () => {
    const { ready } = await readyWith(new Database(async () => ({ ok: true, detail: 'answers' })));
    expect({ status: ready.status, body: ready.body }).toEqual({
      status: 200,
      body: { status: 'ready', checks: [{ name: 'database', ok: true, detail: 'answers' }] },
    });
  });

  it('is live but not ready when a check is not, fails, or does not answer', async () => {
    const answers = [
      async () => ({ ok: false, detail: 'is away' }),
      () => Promise.reject(new Error('password hunter2')),
      () => new Promise<never>(() => undefined),
    ];
    for (const answer of answers) {
      const { ready, live } = await readyWith(new Database(answer));
      expect({ ready: ready.status, live: live.status }).toEqual({ ready: 503, live: 200 });
      expect(ready.body).toMatchObject({ type: '/problems/unavailable', checks: [{ name: 'database', ok: false }] });
      expect(ready.body['detail']).toMatch(/^database: /);
      expect(ready.headers.get('retry-after')).toBe('1');
      expect(ready.text).not.toContain('hunter2');
    }
  });
});

describe('the boot', () => {
  const one = route({
    method: 'GET',
    path: '/v1/one',
    operationId: 'one',
    summary: 'One',
    tag: 'boot',
    access: 'public',
    answers: { 200: z.json() },
    problems: ['undefined-anywhere'],
  });

  @Controller()
  class One {
    @Route(one)
    one(@Input() _input: InputOf<typeof one>): Answer {
      return ok({});
    }
  }
  class Nobody extends Authenticator {
    override authenticate() {
      return Promise.resolve(null);
    }
  }
  @Module({ controllers: [One], providers: [{ provide: Authenticator, useClass: Nobody }] })
  class Ones {}

  const options: HttpOptions = {
    title: 'Boot',
    version: '1',
    logger: pino({ level: 'silent' }),
    problems: [],
    cursorKey: randomBytes(32),
    incarnation: () => 'a',
    healthChecks: [],
  };
  const start = (problems: HttpOptions['problems']) =>
    startHttp(Ones, { ...options, problems }, { host: '127.0.0.1', port: 0 });
  const kind = { status: 409, title: 'T', explanation: 'E', retryable: false };

  it('fails on a problem that nobody defines', async () => {
    await expect(start([])).rejects.toThrow('one declares problems that nobody defines: undefined-anywhere');
  });

  it('fails on a problem that is defined twice', async () => {
    const twice = [{ 'undefined-anywhere': kind }, { 'undefined-anywhere': { ...kind } }];
    await expect(start(twice)).rejects.toThrow('the problem undefined-anywhere is defined twice');
  });
});
