import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from './api.js';
import { configFor, logger, openApi, type ApiUnderTest } from './contract/api-under-test.js';

/** A way to a database that can be closed, with all connections on it, and opened again. */
class WayToDatabase {
  private isOpen = true;
  private readonly ends = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async to(databaseUrl: string): Promise<WayToDatabase> {
    const target = new URL(databaseUrl);
    const server = createServer((near) => way.pass(near, connect(Number(target.port), target.hostname)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = new URL(databaseUrl);
    url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const way: WayToDatabase = new WayToDatabase(server, url.href);
    return way;
  }

  close(): void {
    this.isOpen = false;
    for (const end of this.ends) end.destroy();
  }

  open(): void {
    this.isOpen = true;
  }

  async end(): Promise<void> {
    this.close();
    this.server.close();
    await once(this.server, 'close');
  }

  private pass(near: Socket, far: Socket): void {
    for (const [one, other] of [[near, far] as const, [far, near] as const]) {
      this.ends.add(one);
      one
        .on('error', () => undefined)
        .on('close', () => {
          this.ends.delete(one);
          other.destroy();
        });
    }
    near.pipe(far).pipe(near);
    if (!this.isOpen) near.destroy();
  }
}

let under: ApiUnderTest;
beforeAll(async () => {
  under = await openApi();
});
afterAll(() => under.close());

const get = async (path: string, token: string = under.tokens.alpha) => {
  const response = await fetch(under.api.url + path, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

describe('the api', () => {
  it('is ready once the log can be read', async () => {
    expect(await get('/health/ready')).toMatchObject({
      status: 200,
      body: { status: 'ready', checks: [{ name: 'log' }, { name: 'lane', ok: true, detail: 'takes appends' }] },
    });
  });

  it('knows the callers of the database', async () => {
    const { status, body } = await get('/v1/me');
    expect(status).toBe(200);
    expect(JSON.stringify(body)).toContain(under.seeded.projects.alpha);
    expect((await get('/v1/me', 'strata_x_y')).status).toBe(401);
  });

  it('serves what the features mount, described in OpenAPI 3.1', async () => {
    const { body } = await get('/openapi.json');
    const { valid, errors } = await new Validator().validate({ ...body });
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
    const paths = Object.keys(body['paths'] as object);
    expect(paths).toEqual(
      expect.arrayContaining([
        '/v1/me',
        '/v1/projects/{projectId}/quota',
        '/v1/operations',
        '/v1/projects/{projectId}/events',
      ]),
    );
  });

  it('takes asOf on every read of /v1 but those of which only now is known', async () => {
    interface Described {
      readonly operationId: string;
      readonly parameters?: readonly { readonly name?: string; readonly $ref?: string }[];
    }
    const { body } = await get('/openapi.json');
    const paths = body['paths'] as Readonly<Record<string, { readonly get?: Described }>>;
    const reads = Object.entries(paths).flatMap(([path, { get }]) => (path.startsWith('/v1/') && get ? [get] : []));
    const takes = ({ parameters = [] }: Described) =>
      parameters.some(({ name, $ref }) => name === 'asOf' || $ref?.endsWith('/asOf'));
    // docs/http.md, "Positions"
    const ofNow = ['getMe', 'getSupportCase', 'listHeldOperations', 'getFlow'];
    const ofTheCloud = ['listAvailabilityZones', 'listDiskTypes', 'listImages'];
    const refusing = reads.filter((read) => !takes(read)).map(({ operationId }) => operationId);
    expect(refusing.toSorted()).toEqual([...ofNow, ...ofTheCloud].toSorted());
  });

  it('accepts a disk and shows its operation, while neither queue nor cloud is there', async () => {
    const response = await fetch(`${under.api.url}/v1/projects/${under.seeded.projects.alpha}/disks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${under.tokens.alpha}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'first', sizeGiB: 10, type: 'SSD', availabilityZone: 'eu-de-01' }),
    });
    expect(response.status).toBe(202);
    const { status, body } = await get(response.headers.get('location') ?? '');
    expect({ status, state: body['status'] }).toEqual({ status: 200, state: 'queued' });
  });

  it('shows a project its quota and nobody else’s', async () => {
    expect((await get(`/v1/projects/${under.seeded.projects.alpha}/quota`)).status).toBe(200);
    expect((await get(`/v1/projects/${under.seeded.projects.beta}/quota`)).status).toBe(404);
  });

  it('does not start as a role that row-level security does not bind', async () => {
    await expect(createApi(configFor(under.database.admin), logger)).rejects.toThrow('use strata_api or strata_worker');
  });

  it('does not start without a database, and says so', async () => {
    await expect(createApi(configFor('postgres://strata_api@127.0.0.1:1/strata'), logger)).rejects.toThrow();
  });
});

describe('the api whose database goes away', () => {
  it('answers 503 with Retry-After, is live and not ready, and goes on when it is back', async () => {
    const way = await WayToDatabase.to(under.database.api);
    const alone = await createApi(configFor(way.url), logger);
    const quota = () =>
      fetch(`${alone.url}/v1/projects/${under.seeded.projects.alpha}/quota`, {
        headers: { authorization: `Bearer ${under.tokens.alpha}` },
      });
    expect((await quota()).status).toBe(200);

    way.close();
    const answer = await quota();
    expect({ status: answer.status, retry: answer.headers.get('retry-after') }).toEqual({
      status: 503,
      retry: expect.stringMatching(/^[1-9]\d*$/),
    });
    expect(await answer.json()).toMatchObject({ type: '/problems/unavailable', retryable: true });
    expect((await fetch(`${alone.url}/health/live`)).status).toBe(200);
    expect((await fetch(`${alone.url}/health/ready`)).status).toBe(503);

    way.open();
    await expect.poll(async () => (await quota()).status, { timeout: 20_000 }).toBe(200);
    expect((await fetch(`${alone.url}/health/ready`)).status).toBe(200);
    await alone.close();
    await way.end();
  });
});
