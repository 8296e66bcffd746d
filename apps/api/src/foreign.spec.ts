import { findingFact, findingStream } from '@strata/disks';
import { BindingId, DiskId, FindingId, PauseId, ProjectId } from '@strata/kernel';
import { pauseEvent, pauseStream } from '@strata/operations';
import { executeFact } from '@strata/projects';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApi, type ApiUnderTest } from './contract/api-under-test.js';

interface DescribedRoute {
  readonly method: string;
  readonly path: string;
}

/** An id that nothing has, of the form of those that something has. */
const absent = '0195f3a0-0000-7000-8000-00000000dead';

/** What fits each body well enough to get past its schema. */
const bodies: Readonly<Record<string, unknown>> = {
  'post /v1/projects/{projectId}/disks': { name: 'x', sizeGiB: 10, type: 'SSD', availabilityZone: 'eu-de-01' },
  'patch /v1/projects/{projectId}/disks/{diskId}': { name: 'x' },
  'put /v1/projects/{projectId}/disks/{diskId}/deletion-lock': {},
  'post /v1/projects/{projectId}/disks/{diskId}/extend': { sizeGiB: 20 },
  'post /v1/projects/{projectId}/disks/{diskId}/retype': { type: 'ESSD' },
  'post /v1/projects/{projectId}/disks/{diskId}/image': { name: 'x' },
  'post /v1/projects/{projectId}/disks/{diskId}/attach': { serverId: '8f5f6b51-7a0c-4b0e-9d6a-3e1f2c4d5e6f' },
  'post /v1/projects/{projectId}/disks/{diskId}/detach': { serverId: '8f5f6b51-7a0c-4b0e-9d6a-3e1f2c4d5e6f' },
  'post /v1/projects/{projectId}/snapshots': { diskId: absent, name: 'x' },
  'patch /v1/projects/{projectId}/snapshots/{snapshotId}': { name: 'x' },
  'post /v1/projects/{projectId}/transfers/{transferId}/accept': { code: 'x' },
  'patch /v1/projects/{projectId}': { name: 'x' },
  'put /v1/projects/{projectId}/quota/limits': { limits: [{ dimension: 'disks', limit: 1 }] },
  'post /v1/bindings/{bindingId}/findings/{findingId}/ignore': { until: '2099-01-01T00:00:00Z' },
  'post /v1/bindings/{bindingId}/findings/{findingId}/removal': { reason: 'nobody knows it' },
  'post /v1/bindings/{bindingId}/findings/{findingId}/adopt': { projectId: absent },
  'post /v1/bindings/{bindingId}/import': { default: absent },
  'post /v1/projects/{projectId}/tokens': { name: 'x', role: 'viewer' },
  'patch /v1/projects/{projectId}/tokens/{tokenId}': { name: 'x' },
};

let under: ApiUnderTest;
let routes: readonly DescribedRoute[];
/** Of the project beta, by the name of the path member. */
let foreign: Readonly<Record<string, string>>;

/** What a sweep found of a disk. */
const found = async ({ bindingId, projectId, diskId }: Record<'bindingId' | 'projectId' | 'diskId', string>) => {
  const findingId = FindingId.parse(newId());
  const subject = {
    ...{ bindingId: BindingId.parse(bindingId), cloudId: newId() },
    ...{ projectId: ProjectId.parse(projectId), diskId: DiskId.parse(diskId) },
  };
  const evidence = { differences: [], cloud: null };
  const sightings = [{ kind: 'missing', findingId, evidence, ownerGuess: null }] as const;
  await executeFact(under.store, {
    streams: [findingStream(subject.bindingId, subject.cloudId)],
    meta: { actorId: newId() },
    decide: ({ streams: [thing] }) => {
      const command = { type: 'RecordSwept', subject, sightings, at: new Date().toISOString() } as const;
      return thing && { streams: findingFact(subject.projectId, thing, command) };
    },
  });
  return findingId;
};

const paused = async (projectId: string): Promise<string> => {
  const pauseId = PauseId.parse(newId());
  const scope = { projectId: ProjectId.parse(projectId), bindingId: null };
  const until = new Date(Date.now() + 3_600_000).toISOString();
  const begun = pauseEvent('PauseBegun', { pauseId, scope, kind: null, reason: 'hidden', until });
  await executeFact(under.store, {
    streams: [pauseStream(pauseId)],
    meta: { actorId: newId() },
    decide: () => ({
      streams: [{ stream: pauseStream(pauseId), projectId: scope.projectId, expectedVersion: 0, events: [begun] }],
    }),
  });
  return pauseId;
};

beforeAll(async () => {
  under = await openApi();
  const { projects, bindings } = under.seeded;
  const { diskId, operationId } = await under.requestDisk(projects.beta, under.tokens.beta);
  const tokenId = under.tokens.beta.split('_')[1] ?? '';
  const findingId = await found({ bindingId: bindings.simulator, projectId: projects.beta, diskId });
  foreign = {
    projectId: projects.beta,
    bindingId: bindings.simulator,
    diskId,
    operationId,
    tokenId,
    snapshotId: diskId,
    transferId: diskId,
    findingId,
    pauseId: await paused(projects.beta),
  };
  const document = (await (await fetch(`${under.api.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  routes = Object.entries(document.paths)
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => ({ method, path })))
    .filter(({ path }) => path.startsWith('/v1/'));
});
afterAll(() => under.close());

const fill = (path: string, ids: Readonly<Record<string, string>>): string =>
  path.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    const id = ids[name];
    if (id === undefined) throw new Error(`no id for the path member ${name}`);
    return id;
  });

const call = async ({ method, path }: DescribedRoute, ids: Readonly<Record<string, string>>) => {
  const body = bodies[`${method} ${path}`] ?? (method === 'get' || method === 'delete' ? undefined : {});
  const response = await fetch(under.api.url + fill(path, ids), {
    method: method.toUpperCase(),
    headers: {
      authorization: `Bearer ${under.tokens.alpha}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const told = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  return { status: response.status, text, told: { ...told, instance: '', requestId: '' } };
};

const none = () => Object.fromEntries(Object.keys(foreign).map((name) => [name, absent]));

/** Not even the wording tells them apart; `403` only where the same is said of any id. */
const expectNoDifference = async (
  route: DescribedRoute,
  there: Readonly<Record<string, string>>,
  nowhere: Readonly<Record<string, string>>,
): Promise<number> => {
  const [one, other] = [await call(route, there), await call(route, nowhere)];
  expect({ ...route, status: one.status, ...one.told }).toEqual({ ...route, status: other.status, ...other.told });
  expect({ ...route, status: one.status }).toEqual({ ...route, status: expect.toBeOneOf([403, 404]) });
  return one.status;
};

describe('what lies in another project', () => {
  it('is answered like what is absent, by every route with an id in its path', async () => {
    const withIds = routes.filter(({ path }) => path.includes('{'));
    expect(withIds.length).toBeGreaterThanOrEqual(20);
    for (const route of withIds) {
      const status = await expectNoDifference(route, foreign, none());
      if (!route.path.includes('{bindingId}')) expect({ ...route, status }).toEqual({ ...route, status: 404 });
    }
  });

  it('is absent below a project of one’s own, too', async () => {
    const projectId = under.seeded.projects.alpha;
    const below = routes.filter(({ path }) => /\{projectId\}.*\{/.test(path));
    expect(below.length).toBeGreaterThanOrEqual(5);
    for (const route of below) await expectNoDifference(route, { ...foreign, projectId }, { ...none(), projectId });
  });

  it('shows in no list', async () => {
    const lists = routes.filter(({ method, path }) => method === 'get' && !path.includes('{'));
    expect(lists.length).toBeGreaterThanOrEqual(4);
    for (const route of lists) {
      const { text } = await call(route, {});
      for (const id of [
        foreign['projectId'],
        foreign['diskId'],
        foreign['operationId'],
        foreign['tokenId'],
        foreign['findingId'],
        foreign['pauseId'],
      ]) {
        expect(text, route.path).not.toContain(id);
      }
    }
  });
});
