import { defineEvents } from '@strata/event-store';
import { charge, type ProjectId } from '@strata/kernel';
import { executeFact, recordCloudQuota } from '@strata/projects';
import { TestServer } from '@strata/projects/contract';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { QuotasModule } from './http.js';

const disksFound = defineEvents({ category: 'disk', types: { DisksFound: { versions: { 1: z.strictObject({}) } } } });

let server: TestServer;
let admin: string;
let root: ProjectId;

beforeAll(async () => {
  server = await TestServer.start({ modules: [QuotasModule], catalogues: [disksFound] });
  admin = server.tokens.platformAdmin;
  root = server.seeded.projects.root;
});
afterAll(() => server.close());

const newProject = async (name: string, parentId: string): Promise<ProjectId> => {
  const reply = await server.call(admin, 'POST', '/v1/projects', { body: { name, parentId } });
  return reply.body['id'] as ProjectId;
};
const tokenFor = async (projectId: string, role: string): Promise<string> => {
  const reply = await server.call(admin, 'POST', `/v1/projects/${projectId}/tokens`, { body: { name: role, role } });
  return String(reply.body['token']);
};
const setLimits = (projectId: string, limits: unknown, token = admin, headers: Record<string, string> = {}) =>
  server.call(token, 'PUT', `/v1/projects/${projectId}/quota/limits`, { body: { limits }, headers });
const quotaOf = (projectId: string, token = admin, query = '') =>
  server.call(token, 'GET', `/v1/projects/${projectId}/quota${query}`);

/** Disks in use, as if they had been found in the cloud. */
const use = (projectId: ProjectId, disks: number) => {
  const stream = `disk-${newId()}` as const;
  const found = disksFound.fact('DisksFound', {}, [charge.observe('disks', disks)]);
  return executeFact(server.store, {
    streams: [stream],
    projectId,
    meta: { actorId: newId() },
    decide: () => ({ streams: [{ stream, projectId, expectedVersion: 0, events: [found] }] }),
  });
};

describe('the quota of a project', () => {
  it('has the figures of the position that it names, whatever is written meanwhile', async () => {
    const busy = await newProject('busy', root);
    let isWriting = true;
    const write = async () => {
      for (let count = 0; count < 60; count += 1) await use(busy, 1);
    };
    const read = async () => {
      while (isWriting) {
        const now = (await quotaOf(busy)).body;
        const then = (await quotaOf(busy, admin, `?asOf=${String(now['position'])}`)).body;
        expect(now).toEqual(then);
      }
    };
    const written = Promise.all([write(), write(), write()]).finally(() => (isWriting = false));
    await Promise.all([written, read(), read()]);
  });

  it('is seeded with 10 disks and 1 000 gigabytes', async () => {
    const { alpha } = server.seeded.projects;
    const reply = await quotaOf(alpha, server.tokens.alpha);
    expect(reply.status).toBe(200);
    const figures = { used: 0, held: 0, releasing: 0, boundBy: { projectId: alpha }, cloud: null };
    expect(reply.body).toEqual({
      dimensions: [
        { dimension: 'disks', limit: 10, available: 10, effectiveAvailable: 10, ...figures },
        { dimension: 'gigabytes', limit: 1_000, available: 1_000, effectiveAvailable: 1_000, ...figures },
      ],
      position: expect.any(Number),
    });
    expect(reply.headers.get('strata-position')).toMatch(new RegExp(`\\.${String(reply.body['position'])}$`));
  });

  it('is bound by levels above, which are named to those who may view them', async () => {
    const team = await newProject('team', root);
    const inner = await newProject('inner', team);
    await setLimits(team, [{ dimension: 'disks', limit: 5 }]);
    await setLimits(inner, [{ dimension: 'disks', limit: 4 }]);
    await use(team, 3);
    const shown = { dimension: 'disks', limit: 4, available: 4, effectiveAvailable: 2 };
    expect((await quotaOf(inner)).body['dimensions']).toMatchObject([{ ...shown, boundBy: { projectId: team } }]);
    const hidden = await quotaOf(inner, await tokenFor(inner, 'viewer'));
    expect(hidden.body['dimensions']).toMatchObject([{ ...shown, boundBy: { relation: 'ancestor', distance: 1 } }]);
    expect(hidden.text).not.toContain(team);
  });

  it('shows the cloud as last observed to those who see all projects, not to one of them', async () => {
    const team = await newProject('team', root);
    await use(team, 2);
    const seen = [{ dimension: 'disks', limit: 40, usedByOthers: 5 }];
    const others = (await server.ledger.path(root)).find(({ nodeKind }) => nodeKind === 'binding')?.used ?? 0;
    await recordCloudQuota(server.store, server.seeded.bindings.simulator, seen, { actorId: newId() });
    const { dimensions } = (await quotaOf(team)).body as { dimensions: readonly object[] };
    expect(dimensions[0]).toMatchObject({
      limit: 'unlimited',
      available: 'unlimited',
      effectiveAvailable: 35 - others,
      boundBy: { relation: 'cloud', distance: 2 },
      cloud: { limit: 40, used: 5 + others },
    });
    const { alpha } = server.seeded.projects;
    const ofOperator = await quotaOf(alpha, server.tokens.alpha);
    expect((ofOperator.body['dimensions'] as { cloud: unknown }[]).map(({ cloud }) => cloud)).not.toContainEqual(
      expect.anything(),
    );
  });

  it('is shown as it was', async () => {
    const team = await newProject('team', root);
    const set = await setLimits(team, [{ dimension: 'snapshots', limit: 3 }]);
    const then = set.headers.get('strata-position') ?? '';
    await setLimits(team, [{ dimension: 'snapshots', limit: 9 }]);
    await use(team, 4);
    const past = (await quotaOf(team, admin, `?asOf=${then}`)).body['dimensions'];
    expect(past).toContainEqual(expect.objectContaining({ dimension: 'snapshots', limit: 3 }));
    expect(past).not.toContainEqual(expect.objectContaining({ dimension: 'disks', used: 4 }));
    const now = (await quotaOf(team)).body['dimensions'];
    expect(now).toContainEqual(expect.objectContaining({ dimension: 'snapshots', limit: 9 }));
    expect(now).toContainEqual(expect.objectContaining({ dimension: 'disks', used: 4 }));
  });

  it('is that of an absent project before the project was made', async () => {
    const { position: before } = await server.store.head();
    const team = await newProject('made later', root);
    for (const path of ['quota', 'quota/limits']) {
      const then = (asOf: number) => server.call(admin, 'GET', `/v1/projects/${team}/${path}?asOf=${asOf}`);
      expect([path, (await then(before)).status, (await then(before + 1)).status]).toEqual([path, 404, 200]);
    }
  });

  it('is not to be told from that of an absent project by strangers', async () => {
    const [hidden, absent] = [server.seeded.projects.beta, newId()];
    for (const path of ['quota', 'quota/limits']) {
      for (const id of [hidden, absent]) {
        const reply = await server.call(server.tokens.alpha, 'GET', `/v1/projects/${id}/${path}`);
        expect([reply.status, reply.body['type']]).toEqual([404, '/problems/not-found']);
      }
    }
  });
});

describe('the limits of a project', () => {
  it('are replaced as a whole, at the version that was read', async () => {
    const team = await newProject('team', root);
    const first = await setLimits(team, [
      { dimension: 'disks', limit: 5 },
      { dimension: 'disks:SSD', limit: 'unlimited' },
    ]);
    expect([first.status, first.headers.get('etag')]).toEqual([200, '"2"']);
    const limits = [{ dimension: 'per_disk_gigabytes', limit: 100 }];
    const second = await setLimits(team, limits, admin, { 'if-match': '"2"' });
    expect([second.status, second.body]).toEqual([200, { limits }]);
    expect((await server.call(admin, 'GET', `/v1/projects/${team}/quota/limits`)).body).toEqual({ limits });
    expect((await setLimits(team, limits, admin, { 'if-match': '"2"' })).status).toBe(412);
  });

  it('may go below what is used: no growth then, nothing else', async () => {
    const team = await newProject('team', root);
    await use(team, 4);
    expect((await setLimits(team, [{ dimension: 'disks', limit: 1 }])).status).toBe(200);
    expect((await quotaOf(team)).body['dimensions']).toMatchObject([{ dimension: 'disks', available: -3 }]);
  });

  it('are set by an admin of the parent, not by one of the project itself', async () => {
    const team = await newProject('team', root);
    const inner = await newProject('inner', team);
    const limits = [{ dimension: 'disks', limit: 5 }];
    expect((await setLimits(inner, limits, await tokenFor(inner, 'admin'))).body).toMatchObject({
      status: 403,
      missing: { role: 'admin', projectId: null, relation: 'parent' },
    });
    expect((await setLimits(inner, limits, await tokenFor(team, 'operator'))).status).toBe(403);
    expect((await setLimits(inner, limits, await tokenFor(team, 'admin'))).status).toBe(200);
    expect((await setLimits(root, limits, await tokenFor(root, 'admin'))).status).toBe(403);
    expect((await setLimits(server.seeded.projects.beta, limits, server.tokens.alpha)).status).toBe(404);
  });

  it.each([
    [[{ dimension: 'floppies', limit: 1 }], '/limits/0/dimension'],
    [[{ dimension: 'disks', limit: -1 }], '/limits/0/limit'],
    [[{ dimension: 'disks', limit: 1.5 }], '/limits/0/limit'],
    [[{ dimension: 'disks', limit: 'none' }], '/limits/0/limit'],
    [
      [
        { dimension: 'disks', limit: 1 },
        { dimension: 'disks', limit: 2 },
      ],
      '/limits/1/dimension',
    ],
    ['none', '/limits'],
  ])('are refused where a rule is broken, and the member named: %j', async (limits, pointer) => {
    const { position } = await server.store.head();
    const reply = await setLimits(server.seeded.projects.alpha, limits);
    expect(reply.body).toMatchObject({ status: 400, errors: [{ pointer }] });
    expect((await server.store.head()).position).toBe(position);
  });
});

describe('a move', () => {
  it('is refused where the new path has no room', async () => {
    const [from, to] = [await newProject('from', root), await newProject('to', root)];
    const moved = await newProject('moved', from);
    await setLimits(to, [{ dimension: 'disks', limit: 2 }]);
    await use(moved, 3);
    const move = await server.call(admin, 'PATCH', `/v1/projects/${moved}`, { body: { parentId: to } });
    expect(move.body).toMatchObject({
      status: 409,
      type: '/problems/quota-exceeded',
      dimension: 'disks',
      requested: 3,
      missing: 1,
      level: { projectId: to, limit: 2, used: 0, held: 0, releasing: 0 },
    });
  });

  it('is judged beforehand as it will be answered', async () => {
    const [from, tight] = [await newProject('from', root), await newProject('tight', root)];
    const [moved, below] = [await newProject('moved', from), await newProject('below', tight)];
    await setLimits(tight, [{ dimension: 'disks', limit: 4 }]);
    await setLimits(from, [{ dimension: 'disks', limit: 3 }]);
    await use(await newProject('inner', moved), 3);
    await use(below, 2);
    const move = (parentId: string, query = '') =>
      server.call(admin, 'PATCH', `/v1/projects/${moved}${query}`, { body: { parentId } });
    const verdict = await move(below, '?validateOnly=true');
    const { instance, requestId, ...refused } = (await move(below)).body;
    expect([instance, requestId]).not.toContain(undefined);
    expect(refused).toMatchObject({ type: '/problems/quota-exceeded', requested: 3, missing: 1 });
    expect([verdict.status, verdict.body]).toEqual([
      200,
      {
        allowed: false,
        problems: [refused],
        quota: [{ dimension: 'disks', requested: 3, available: 2, sufficient: false }],
      },
    ]);
    await setLimits(tight, [{ dimension: 'disks', limit: 5 }]);
    expect((await move(below, '?validateOnly=true')).body).toMatchObject({ allowed: true, quota: [{ available: 3 }] });
    expect((await move(below)).status).toBe(200);
  });

  it('is allowed beforehand to where nothing is gained, however full', async () => {
    const top = await newProject('top', root);
    const [from, cloudy] = [await newProject('from', top), await newProject('cloudy', top)];
    const moved = await newProject('moved', from);
    await use(moved, 3);
    await setLimits(top, [{ dimension: 'disks', limit: 1 }]);
    const path = `/v1/projects/${moved}`;
    for (const [parentId, query] of [
      [cloudy, '?validateOnly=true'],
      [cloudy, ''],
      [top, '?validateOnly=true'],
    ] as const) {
      const reply = await server.call(admin, 'PATCH', path + query, { body: { parentId } });
      expect([reply.status, reply.body['allowed'] ?? true]).toEqual([200, true]);
    }
  });

  it('carries the charges to the new path, and the ledger agrees with the log', async () => {
    const [from, to] = [await newProject('from', root), await newProject('to', root)];
    const moved = await newProject('moved', from);
    await use(moved, 3);
    const reply = await server.call(admin, 'PATCH', `/v1/projects/${moved}`, { body: { parentId: to } });
    expect(reply.status).toBe(200);
    expect((await quotaOf(to)).body['dimensions']).toMatchObject([{ dimension: 'disks', used: 3 }]);
    expect((await quotaOf(from)).body['dimensions']).toMatchObject([{ dimension: 'disks', used: 0 }]);
    expect((await server.ledger.recount()).differences).toEqual([]);
  });
});

describe('a project that still carries charges', () => {
  it('is not deleted', async () => {
    const team = await newProject('team', root);
    await use(team, 1);
    const reply = await server.call(admin, 'DELETE', `/v1/projects/${team}`);
    expect(reply.body).toMatchObject({
      status: 409,
      type: '/problems/project-not-empty',
      blockers: [{ kind: 'charge', id: 'disks' }],
    });
  });
});
