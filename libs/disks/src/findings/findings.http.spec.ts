import { BindingId, DiskId, FindingId, ProjectId } from '@strata/kernel';
import { executeFact } from '@strata/projects';
import type { Reply } from '@strata/projects/contract';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, DiskProject, idOf } from '../contract/disk-project.js';
import { DiskServer } from '../contract/disk-server.js';
import { endAdoption, seenDisk } from '../contract/found-disks.js';
import { findingFact, findingStream, type Evidence, type FindingKind, type Sighting } from '../finding/index.js';

let server: DiskServer;
let my: DiskProject;
let bindingId: BindingId;
let ofBinding: string;

beforeAll(async () => {
  server = await DiskServer.start();
  bindingId = BindingId.parse(server.server.seeded.bindings.simulator);
  ofBinding = `/v1/bindings/${bindingId}/findings`;
});
afterAll(() => server.close());
beforeEach(async () => {
  my = await DiskProject.make(server);
});

/** What a sweep would record of a disk of the project, or of nobody's. */
const swept = async (
  kinds: readonly FindingKind[],
  disk: { readonly path: string | null; readonly cloudId: string },
  evidence: Partial<Evidence> = {},
) => {
  const { path, cloudId } = disk;
  const projectId = path === null ? null : ProjectId.parse(my.projectId);
  const diskId = path === null ? null : DiskId.parse(path.split('/').at(-1));
  const subject = { bindingId, cloudId, projectId, diskId };
  const sightings = kinds.map((kind): Sighting & { findingId: FindingId } => ({
    ...{ kind, findingId: FindingId.parse(newId()), ownerGuess: null },
    evidence: { differences: [], cloud: null, ...evidence },
  }));
  const { position } = await executeFact(server.server.store, {
    streams: [findingStream(bindingId, cloudId)],
    meta: { actorId: newId() },
    decide: ({ streams: [thing] }) => {
      if (thing === undefined) return undefined;
      const at = new Date().toISOString();
      const command = { type: 'RecordSwept', subject, sightings, at } as const;
      return { streams: findingFact(projectId ?? ProjectId.parse(bindingId), thing, command) };
    },
  });
  return position;
};
const asAdmin = (method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Reply> =>
  server.as(server.server.tokens.platformAdmin, method, path, body, headers);
const list = (path: string, query = '') => server.listed(server.server.tokens.platformAdmin, `${path}?${query}`);
const stranger = () => ({ path: null, cloudId: newId() });

describe('the findings', () => {
  it('of a binding are listed, newest first, with filters, pages and as they were', async () => {
    const path = await my.provisioned();
    const [ours, theirs] = [{ path, cloudId: newId() }, stranger()];
    await swept(['changed', 'lost-marker'], ours);
    const unknownAt = await swept(['unknown'], theirs);
    const diskId = path.split('/').at(-1);
    expect(await list(ofBinding, `diskId=${diskId}&sort=kind`)).toMatchObject([
      {
        kind: 'changed',
        status: 'open',
        projectId: my.projectId,
        diskId,
        bindingId,
        actions: ['refresh-disk', 'ignore'],
      },
      { kind: 'lost-marker', status: 'open', ignoredUntil: null, cloud: { id: ours.cloudId } },
    ]);
    expect((await list(ofBinding, 'limit=1')).map(({ kind }) => kind)).toEqual(['unknown']);
    expect(await list(ofBinding, `cloud.id=${theirs.cloudId}`)).toMatchObject([{ projectId: null, diskId: null }]);
    await swept([], theirs);
    const ofTheirs = `cloud.id=${theirs.cloudId}&status`;
    expect(await list(ofBinding, `${ofTheirs}=open`)).toEqual([]);
    expect(await list(ofBinding, `${ofTheirs}=resolved`)).toMatchObject([{ kind: 'unknown', actions: [] }]);
    const then = (await asAdmin('GET', `/v1/events?from=${unknownAt - 1}&limit=1`)).body['items'] as {
      position: string;
    }[];
    expect(await list(ofBinding, `${ofTheirs}=open&asOf=${then[0]?.position}`)).toMatchObject([{ status: 'open' }]);
    expect((await asAdmin('GET', `${ofBinding}?kind=odd`)).status).toBe(400);
  });

  it('of a binding are the affair of those who see everything', async () => {
    expect((await server.call('GET', ofBinding)).status).toBe(404);
    expect((await asAdmin('GET', `/v1/bindings/${newId()}/findings`)).status).toBe(404);
  });

  it('offer to make anew only what began empty and has no snapshots, as far as the finding tells', async () => {
    const lastKnown = {
      ...{ name: 'db', sizeGiB: 40, type: 'SSD', availabilityZone: 'eu-de-01', servers: [], lastSeenAt: null },
      ...{ missingSince: '2026-11-29T10:00:00.000Z', foundBy: 'sweep' as const, operationId: null },
    };
    const actions = async (known?: Evidence['lastKnown']) => {
      const path = await my.provisioned();
      await swept(['missing'], { path, cloudId: newId() }, known && { lastKnown: known });
      return (await list(`${path}/findings`))[0]?.['actions'];
    };
    expect(await actions({ ...lastKnown, recreatable: true })).toContain('recreate-disk');
    expect(await actions({ ...lastKnown, recreatable: false })).toEqual(['refresh-disk', 'delete-disk', 'ignore']);
    expect(await actions()).toContain('recreate-disk');
  });

  it('of a disk that is deleted, and there, are shown in its project, until another one of the log is made of it', async () => {
    const path = await my.provisioned();
    const { cloud } = (await my.show(path)) as { cloud: { id: string } };
    const deletion = idOf(await my.call('DELETE', path));
    await server.accept(deletion);
    await server.end(deletion, { end: 'succeeded', outcome: {} });
    const differences = [{ member: 'status', log: 'deleted', cloud: 'available' }];
    await swept(['unknown'], { path, cloudId: cloud.id }, { differences, cloud: seenDisk });
    const [found] = await my.listed(`${path}/findings`);
    expect(found).toMatchObject({ kind: 'unknown', actions: ['adopt', 'request-removal', 'ignore'] });
    const other = await DiskProject.make(server);
    const finding = `${ofBinding}/${String(found?.['id'])}`;
    const adoption = await asAdmin('POST', `${finding}/adopt`, { projectId: other.projectId });
    await endAdoption(server, adoption, cloud.id);
    expect(await other.listed(`${other.pathOf(adoption)}/findings`)).toMatchObject([{ status: 'resolved' }]);
    expect(await my.listed(`${path}/findings`)).toEqual([]);
  });

  it('tell times in milliseconds, also those that the log has in microseconds', async () => {
    const path = await my.provisioned();
    await swept(
      ['missing'],
      { path, cloudId: newId() },
      {
        lastKnown: {
          ...{ name: 'db', sizeGiB: 40, type: 'SSD', availabilityZone: 'eu-de-01', servers: [], recreatable: true },
          ...{ lastSeenAt: '2026-11-29T10:33:48.926189Z', missingSince: '2026-11-29T10:34:00.1Z' },
          ...{ foundBy: 'sweep', operationId: null },
        },
      },
    );
    const lastKnown = { lastSeenAt: '2026-11-29T10:33:48.926Z', missingSince: '2026-11-29T10:34:00.100Z' };
    const [listed] = await list(`${path}/findings`);
    const shown = await asAdmin('GET', `${ofBinding}/${String(listed?.['id'])}`);
    expect([listed, shown.body]).toMatchObject([{ evidence: { lastKnown } }, { evidence: { lastKnown } }]);
  });

  it('tell in milliseconds since when something is stuck, and the rest as it was found', async () => {
    const path = await my.provisioned();
    const since = { member: 'statusSince', log: '2026-11-29T10:33:48.926189Z', cloud: 'deleting' };
    const name = { member: 'name', log: '2026-11-29T10:33:48.926189Z', cloud: 'db' };
    await swept(['stuck'], { path, cloudId: newId() }, { differences: [since, name] });
    const differences = [{ ...since, log: '2026-11-29T10:33:48.926Z' }, name];
    const [listed] = await list(`${path}/findings`);
    const shown = await asAdmin('GET', `${ofBinding}/${String(listed?.['id'])}`);
    expect([listed, shown.body]).toMatchObject([{ evidence: { differences } }, { evidence: { differences } }]);
  });

  it('of a disk are shown to those who may view it', async () => {
    const path = await my.provisioned();
    await swept(['missing'], { path, cloudId: newId() });
    await swept(['unknown'], stranger());
    expect(await list(`${path}/findings`)).toMatchObject([
      { kind: 'missing', actions: expect.arrayContaining(['delete-disk']) },
    ]);
    expect((await my.call('GET', `${path}/findings`)).body['items']).toHaveLength(1);
    expect((await my.call('GET', `${path}/findings`, undefined, {}, my.stranger)).status).toBe(404);
    const elsewhere = path.replace(my.projectId, server.server.seeded.projects.alpha);
    expect((await asAdmin('GET', `${elsewhere}/findings`)).status).toBe(404);
    expect((await my.call('GET', `${my.path}/disks/${newId()}/findings`)).status).toBe(404);
  });
});

describe('ignoring a finding', () => {
  const until = '2099-01-01T00:00:00.000Z';
  const opened = async () => {
    const thing = stranger();
    await swept(['unknown'], thing);
    const [finding] = await list(ofBinding, `cloud.id=${thing.cloudId}`);
    return { thing, path: `${ofBinding}/${String(finding?.['id'])}/ignore` };
  };

  it('hides it until then, and is done once however often it is asked', async () => {
    const { thing, path } = await opened();
    const key = { 'idempotency-key': newId() };
    const ignored = await asAdmin('POST', path, { until: '2099-01-01T01:00:00+01:00' }, key);
    expect([ignored.status, ignored.body]).toMatchObject([200, { status: 'ignored', ignoredUntil: until }]);
    const again = await asAdmin('POST', path, { until: '2099-01-01T01:00:00+01:00' }, key);
    expect([again.status, again.body]).toEqual([200, ignored.body]);
    expect([ignored, again].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
    expect(await list(ofBinding, `cloud.id=${thing.cloudId}`)).toEqual([ignored.body]);
    await swept(['unknown'], thing);
    expect(await list(ofBinding, `cloud.id=${thing.cloudId}&status=open`)).toEqual([]);
  });

  it('is refused when its time is over, when the finding is, and when there is none', async () => {
    const { thing, path } = await opened();
    const past = await asAdmin('POST', path, { until: '2020-01-01T00:00:00Z' });
    expect(past.body).toMatchObject({ status: 400, errors: [{ pointer: '/until' }] });
    await swept([], thing);
    expect(codeOf(await asAdmin('POST', path, { until }))).toBe('finding-resolved');
    expect((await asAdmin('POST', `${ofBinding}/${newId()}/ignore`, { until })).status).toBe(404);
    expect((await asAdmin('POST', path.replace(bindingId, newId()), { until })).status).toBe(404);
    expect((await server.call('POST', path, { body: { until } })).status).toBe(404);
  });

  it('writes nothing when only the verdict is asked for', async () => {
    const { thing, path } = await opened();
    const verdict = await asAdmin('POST', `${path}?validateOnly=true`, { until });
    expect([verdict.status, verdict.body]).toMatchObject([200, { allowed: true }]);
    expect(await list(ofBinding, `cloud.id=${thing.cloudId}`)).toMatchObject([{ status: 'open' }]);
  });
});
