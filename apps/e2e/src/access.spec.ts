import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, type Disk, hasEnded, type Operation } from './harness/client.js';
import { type DescribedRoute, describedRoutes, filledPath } from './harness/described-routes.js';
import { eventually } from './harness/eventually.js';
import { Services } from './harness/services.js';
import { validBodies } from './harness/valid-bodies.js';

type Ids = Readonly<Record<string, string>>;

const roles = ['viewer', 'operator', 'admin'] as const;
type Role = (typeof roles)[number];

/** Of what is done with disks: operators put a lock on, and only admins lift it. */
const forAdmins = 'DELETE /v1/projects/{projectId}/disks/{diskId}/deletion-lock';

/** Of the form of those that exist. */
const absentId = '0195f3a0-0000-7000-8000-00000000dead';

let services: Services;
let routes: readonly DescribedRoute[];
/** Callers at the project alpha. */
let callers: Readonly<Record<Role, Client>>;
let own: Ids;
let foreign: Ids;
/** Ids and names that nobody at alpha may come to know. */
let hidden: Readonly<Record<string, string>>;

const makeDisk = async (client: Client, projectId: string, name: string, count = 1): Promise<Operation> => {
  const wish = { name, sizeGiB: 20, type: 'SSD', availabilityZone: 'eu-de-01', ...(count > 1 ? { count } : {}) };
  const { status, body } = await client.post<Operation>(`/v1/projects/${projectId}/disks`, wish);
  expect(status).toBe(202);
  return eventually('the disk is there', async () => {
    const operation = await client.read<Operation>(`/v1/operations/${body.id}`);
    return hasEnded(operation) && operation;
  });
};

const idsOf = (projectId: string, token: string, { id, target }: Operation): Ids => {
  if (target.type !== 'disk') throw new Error('not the operation of one disk');
  const tokenId = token.split('_')[1] ?? '';
  return {
    projectId,
    tokenId,
    operationId: id,
    diskId: target.id,
    snapshotId: target.id,
    transferId: target.id,
    bindingId: services.seeded.bindings.simulator,
  };
};

/** A finding of each disk: what somebody else changed in the cloud, and a sweep saw. */
const findingsOf = async (...disks: readonly Ids[]): Promise<readonly string[]> => {
  const { admin, cloud, seeded } = services;
  for (const { projectId, diskId } of disks) {
    const disk = await admin.read<Disk>(`/v1/projects/${projectId}/disks/${diskId}`);
    await cloud.changeBehind(disk.cloud?.id ?? '', { size: 21 });
  }
  const binding = `/v1/bindings/${seeded.bindings.simulator}`;
  expect((await admin.post(`${binding}/sweep`, {})).status).toBe(202);
  return eventually('the sweep has found them', async () => {
    const found = await admin.all<{ id: string; diskId: string | null }>(`${binding}/findings`);
    const ids = disks.map(({ diskId }) => found.find((finding) => finding.diskId === diskId)?.id ?? '');
    return !ids.includes('') && ids;
  });
};

/** Of what nobody does here, so that nothing waits for it. */
const pauseOf = async ({ projectId }: Ids): Promise<string> => {
  const wish = { projectId, kind: 'snapshot.rollback', reason: 'hidden-reason' };
  return (await services.admin.post<{ id: string }>('/v1/pauses', wish)).body.id;
};

/** The disk is offered to whoever has the code. */
const offer = async (client: Client, { projectId, diskId }: Ids): Promise<string> => {
  const { status, body } = await client.post<{ id: string }>(`/v1/projects/${projectId}/disks/${diskId}/transfers`, {});
  expect(status).toBe(201);
  return body.id;
};

const clientAs = async (role: Role): Promise<Client> => {
  const path = `/v1/projects/${services.seeded.projects.alpha}/tokens`;
  const { status, body } = await services.admin.post<{ token: string }>(path, { name: `a ${role}`, role });
  expect(status).toBe(201);
  return new Client(services.apiUrl, body.token);
};

beforeAll(async () => {
  services = await Services.start();
  const { alpha, beta, cloud, seeded, tokens } = services;
  await cloud.jobsTake(0);
  ({ routes } = await describedRoutes(services.apiUrl));
  own = idsOf(seeded.projects.alpha, tokens.alpha, await makeDisk(alpha, seeded.projects.alpha, 'own-disk'));
  foreign = idsOf(seeded.projects.beta, tokens.beta, await makeDisk(beta, seeded.projects.beta, 'hidden-disk'));
  const [ownFinding = '', hiddenFinding = ''] = await findingsOf(own, foreign);
  own = { ...own, findingId: ownFinding, pauseId: await pauseOf(own) };
  foreign = {
    ...foreign,
    findingId: hiddenFinding,
    pauseId: await pauseOf(foreign),
    transferId: await offer(beta, foreign),
  };
  callers = { viewer: await clientAs('viewer'), operator: await clientAs('operator'), admin: await clientAs('admin') };
  const disk = await beta.read<Disk>(`/v1/projects/${foreign['projectId']}/disks/${foreign['diskId']}`);
  const { bindingId: _shared, ...ids } = foreign;
  hidden = { ...ids, rootId: seeded.projects.root, cloudId: disk.cloud?.id ?? '', name: 'hidden-disk' };
});
afterAll(() => services.stop());

const everywhere = (value: string): Ids => Object.fromEntries(Object.keys(foreign).map((name) => [name, value]));
const isWrite = ({ method }: DescribedRoute): boolean => method !== 'GET';
const called = ({ method, path }: DescribedRoute): string => `${method} ${path}`;

const call = async (client: Client, route: DescribedRoute, ids: Ids, query = '') => {
  const body = validBodies[called(route)] ?? (route.method === 'POST' ? {} : undefined);
  const given = body === undefined || route.method === 'GET' || route.method === 'DELETE' ? {} : { body };
  const { status, body: told } = await client.call(route.method, filledPath(route.path, ids) + query, given);
  return { status, told: { ...told, instance: '', requestId: '' } as Record<string, unknown> };
};

describe('whoever shows no token, or a bad one', () => {
  it('is told so by every route, whatever there is behind it', async () => {
    const { apiUrl, tokens } = services;
    const [, tokenId] = tokens.alpha.split('_');
    const strangers = {
      'without a token': new Client(apiUrl, ''),
      'with something else': new Client(apiUrl, 'let-me-in'),
      'with a wrong secret': new Client(apiUrl, `strata_${tokenId}_${'A'.repeat(43)}`),
      'with a token that never was': new Client(apiUrl, `strata_${absentId}_${'A'.repeat(43)}`),
    };
    for (const [how, stranger] of Object.entries(strangers)) {
      for (const route of routes) {
        const there = await call(stranger, route, own);
        const nowhere = await call(stranger, route, everywhere(absentId));
        expect({ how, route: called(route), ...there }).toEqual({ how, route: called(route), ...nowhere });
        expect({ route: called(route), status: there.status }).toEqual({ route: called(route), status: 401 });
        expect(there.told['type']).toBe('/problems/unauthenticated');
      }
    }
  });
});

describe.each(roles)('the %s of another project', (role) => {
  it('is told the same of what is there as of what is not, by every route', async () => {
    for (const route of routes.filter(({ path }) => path.includes('{'))) {
      const there = await call(callers[role], route, foreign);
      const nowhere = await call(callers[role], route, everywhere(absentId));
      expect({ route: called(route), ...there }).toEqual({ route: called(route), ...nowhere });
      if (!route.path.includes('{bindingId}')) {
        expect({ route: called(route), status: there.status }).toEqual({ route: called(route), status: 404 });
      }
    }
  });

  it('finds nothing of it below an own project, nor in the past', async () => {
    const { projectId } = own;
    for (const route of routes.filter(({ path }) => /\{projectId\}.*\{/.test(path))) {
      const there = await call(callers[role], route, { ...foreign, projectId: projectId ?? '' });
      const nowhere = await call(callers[role], route, { ...everywhere(absentId), projectId: projectId ?? '' });
      expect({ route: called(route), ...there }).toEqual({ route: called(route), ...nowhere });
    }
    const { position } = await services.beta.read<Operation>(`/v1/operations/${foreign['operationId']}`);
    for (const route of routes.filter(({ query, path }) => query.includes('asOf') && path.includes('{'))) {
      const there = await call(callers[role], route, foreign, `?asOf=${position}`);
      const nowhere = await call(callers[role], route, everywhere(absentId), `?asOf=${position}`);
      expect({ route: called(route), ...there }).toEqual({ route: called(route), ...nowhere });
    }
  });

  it('learns nothing of it from any list, however it is filtered', async () => {
    for (const route of routes.filter((each) => !isWrite(each))) {
      const { told } = await call(callers[role], route, own);
      expectNothingHidden(route, told);
      for (const member of route.query.filter((name) =>
        /(^|\.)(id|name|projectId|parentId|partOf|retryOf)$/i.test(name),
      )) {
        for (const value of Object.values(hidden)) {
          const found = await call(callers[role], route, own, `?${member}=${encodeURIComponent(value)}`);
          const nothing = member.endsWith('name') ? 'no-such-name' : absentId;
          const other = await call(callers[role], route, own, `?${member}=${nothing}`);
          if (found.status !== 400)
            expect({ route: called(route), member, ...found }).toEqual({ route: called(route), member, ...other });
          expect({ route: called(route), member, items: found.told['items'] ?? [] }).toMatchObject({ items: [] });
        }
      }
    }
  });

  it('cannot refer to it in what is written', async () => {
    const client = callers[role];
    for (const [method, path, member] of [
      ['POST', '/v1/projects', 'parentId'],
      ['PATCH', `/v1/projects/${own['projectId']}`, 'parentId'],
    ] as const) {
      const refer = async (projectId: string | undefined) => {
        const { status, body } = await client.call(method, path, { body: { name: 'x', [member]: projectId } });
        return { status, told: { ...body, requestId: '' } };
      };
      const there = await refer(foreign['projectId']);
      expect(there).toEqual(await refer(absentId));
      expect(there.status).toBeGreaterThanOrEqual(400);
    }
  });
});

const expectNothingHidden = (route: DescribedRoute, told: unknown): void => {
  const text = JSON.stringify(told);
  for (const [what, value] of Object.entries(hidden)) {
    expect({ route: called(route), what, shown: text.includes(value) }).toEqual({
      route: called(route),
      what,
      shown: false,
    });
  }
};

describe('whoever sees a project but may not do everything in it', () => {
  it('is refused with the grant that is missing, and the higher role is refused nothing more', async () => {
    const refusals = new Map<string, Role[]>();
    for (const route of routes) {
      for (const role of roles) {
        const { status, told } = await call(callers[role], route, own, isWrite(route) ? '?validateOnly=true' : '');
        expect(status, called(route)).not.toBe(401);
        if (status !== 403) continue;
        refusals.set(called(route), [...(refusals.get(called(route)) ?? []), role]);
        const { role: missing, projectId } = told['missing'] as { role: string; projectId: string | null };
        expect(['operator', 'admin', 'platform-admin', 'auditor'], called(route)).toContain(missing);
        expect(missing).not.toBe(role);
        expect(JSON.stringify(told)).not.toContain(foreign['projectId']);
        if (missing === 'operator' || missing === 'admin') expect(projectId).toBe(own['projectId']);
      }
    }
    for (const [route, refused] of refusals) {
      expect([['viewer'], ['viewer', 'operator'], [...roles]], route).toContainEqual(refused);
    }
    const ofDisks = routes.filter((each) => isWrite(each) && each.path.includes('/disks'));
    expect(ofDisks.length).toBeGreaterThanOrEqual(5);
    for (const route of ofDisks) {
      const refused = called(route) === forAdmins ? ['viewer', 'operator'] : ['viewer'];
      expect(refusals.get(called(route)), called(route)).toEqual(refused);
    }
    for (const route of routes.filter((each) => !isWrite(each) && each.path.includes('{projectId}/disks'))) {
      expect(refusals.get(called(route)), called(route)).toBeUndefined();
    }
  });

  it('sees none of it after the refusal: nothing was written', async () => {
    const { admin, seeded } = services;
    const events = () => admin.all<{ position: number }>(`/v1/projects/${seeded.projects.alpha}/events`);
    const before = await events();
    for (const route of routes.filter(isWrite)) {
      const { status } = await call(callers.viewer, route, own);
      expect({ route: called(route), refused: status >= 400 }).toEqual({ route: called(route), refused: true });
    }
    expect(await events()).toEqual(before);
  });
});

describe('figures', () => {
  it('of a project do not move when others work', async () => {
    const { beta, seeded } = services;
    const figures = async () => {
      const { dimensions } = await callers.viewer.read<{ dimensions: unknown }>(
        `/v1/projects/${own['projectId']}/quota`,
      );
      return dimensions;
    };
    const before = await figures();
    await makeDisk(beta, seeded.projects.beta, 'another-hidden-disk', 3);
    expect(await figures()).toEqual(before);
  });

  it('of an ancestor stay out of a refusal by its limit', async () => {
    const { admin, seeded } = services;
    const limits = [{ dimension: 'disks', limit: 6 }];
    const path = `/v1/projects/${seeded.projects.root}/quota/limits`;
    expect((await admin.call('PUT', path, { body: { limits } })).status).toBe(200);
    const wish = { name: 'x', sizeGiB: 10, type: 'SSD', availabilityZone: 'eu-de-01', count: 5 };
    const { status, body } = await callers.operator.post(`/v1/projects/${own['projectId']}/disks`, wish);
    expect({ status, level: body['level'] }).toEqual({ status: 409, level: { relation: 'ancestor', distance: 1 } });
    expect(JSON.stringify(body)).not.toContain(seeded.projects.root);
  });
});

describe('what one caller holds', () => {
  it('is no key to the answers of another: keys are each caller’s own', async () => {
    const { beta, seeded } = services;
    const key = { 'idempotency-key': 'the-same' };
    const wish = { name: 'key-disk', sizeGiB: 10, type: 'SSD', availabilityZone: 'eu-de-01' };
    const theirs = await beta.post<Operation>(`/v1/projects/${seeded.projects.beta}/disks`, wish, key);
    expect(theirs.status).toBe(202);
    const cancelled = await callers.operator.post(`/v1/operations/${theirs.body.id}/cancel`, {}, key);
    expect(cancelled.status).toBe(404);
    const stolen = await callers.operator.post(`/v1/projects/${seeded.projects.beta}/disks`, wish, key);
    expect({ status: stolen.status, replayed: stolen.headers.get('idempotency-replayed') }).toEqual({
      status: 404,
      replayed: null,
    });
  });

  it('is no page of another: a cursor shows what its reader may see', async () => {
    const { admin } = services;
    const { nextCursor } = await admin.read<{ nextCursor: string }>('/v1/disks?limit=1');
    const { status, body } = await callers.viewer.get(`/v1/disks?limit=500&cursor=${encodeURIComponent(nextCursor)}`);
    expect([200, 400]).toContain(status);
    const text = JSON.stringify(body);
    for (const value of Object.values(hidden)) expect(text).not.toContain(value);
  });
});
