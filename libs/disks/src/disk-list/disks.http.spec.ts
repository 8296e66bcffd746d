import type { Reply } from '@strata/projects/contract';
import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import { codeOf, DiskProject, idOf, wanted } from '../contract/disk-project.js';
import { type DiskServer } from '../contract/disk-server.js';
import { forEachDiskProject } from '../contract/for-each-disk-project.js';
import { atRest } from '../contract/disk-story.js';

let server: DiskServer;
let my: DiskProject;

forEachDiskProject((project, started) => {
  my = project;
  server = started;
});

describe('a disk', () => {
  it('is available once the cloud has made it', async () => {
    const path = await my.provisioned();
    expect(await my.show(path)).toMatchObject({
      status: 'available',
      cloud: { id: expect.stringContaining('cloud-'), status: 'available' },
      allowedActions: atRest,
      version: 2,
    });
  });

  it('stays in error without a cloud when nothing came of it, uncharged and deletable at once', async () => {
    await my.setLimits([{ dimension: 'disks', limit: 1 }]);
    const reply = await my.request();
    await server.fail(idOf(reply));
    const path = my.pathOf(reply);
    expect(await my.show(path)).toMatchObject({
      status: 'error',
      statusReason: 'The cloud could not carry it out',
      cloud: null,
      allowedActions: ['delete'],
    });
    expect((await my.request()).status).toBe(202);
    const deleted = await my.call('DELETE', path);
    expect(deleted.status).toBe(202);
    expect(deleted.body).toMatchObject({ kind: 'disk.delete', status: 'succeeded', endedAt: expect.any(String) });
    expect((await my.call('GET', path)).status).toBe(404);
    expect(codeOf(await my.call('DELETE', path))).toBe('not-found');
  });

  it('is 404 for strangers, under another project, and when there is none', async () => {
    const path = await my.provisioned();
    const { alpha } = server.server.seeded.projects;
    expect((await my.call('GET', path, undefined, {}, my.stranger)).status).toBe(404);
    const elsewhere = path.replace(my.projectId, alpha);
    expect((await my.call('GET', elsewhere, undefined, {}, my.admin)).status).toBe(404);
    expect((await my.call('DELETE', elsewhere, undefined, {}, my.admin)).status).toBe(404);
    expect((await my.call('GET', `${my.path}/disks/${newId()}`)).status).toBe(404);
    expect((await my.call('GET', `${my.path}/disks/nonsense`)).status).toBe(404);
  });

  it('is shown as it was', async () => {
    const reply = await my.request();
    const requested = reply.headers.get('strata-position');
    await server.provision(idOf(reply), 'cloud-1');
    const path = my.pathOf(reply);
    const deletion = await my.call('DELETE', path);
    await server.accept(idOf(deletion));
    await server.end(idOf(deletion), { end: 'succeeded', outcome: {} });
    expect((await my.call('GET', path)).status).toBe(404);
    expect(await my.show(`${path}?asOf=${requested}`)).toMatchObject({ status: 'creating' });
    expect(await my.show(`${path}?asOf=${deletion.headers.get('strata-position')}`)).toMatchObject({
      status: 'deleting',
    });
    const listed = await my.listed(`${my.path}/disks?asOf=${deletion.headers.get('strata-position')}`);
    expect(listed).toMatchObject([{ status: 'deleting' }]);
    expect(await my.listed(`${my.path}/disks`)).toEqual([]);
    expect((await my.call('GET', `${path}?asOf=2020-01-01T00:00:00Z`)).status).toBe(404);
  });

  it('is there from the time on that its createdAt shows, and as its updatedAt shows it', async () => {
    const path = await my.provisioned();
    const { createdAt, updatedAt, version } = await my.show(path);
    const since = (time: unknown, ms = 0) => new Date(Date.parse(String(time)) + ms).toISOString();
    expect(await my.show(`${path}?asOf=${since(createdAt)}`)).toMatchObject({ createdAt });
    expect(await my.show(`${path}?asOf=${since(updatedAt)}`)).toMatchObject({ version, updatedAt });
    expect((await my.call('GET', `${path}?asOf=${since(createdAt, -1)}`)).status).toBe(404);
    const before = await my.show(`${path}?asOf=${since(updatedAt, -1)}`);
    expect(before['version']).toBeLessThan(Number(version));
    for (const list of ['disks', 'operations']) {
      expect(await my.listed(`${my.path}/${list}?asOf=${since(createdAt)}`)).toHaveLength(1);
      expect(await my.listed(`${my.path}/${list}?asOf=${since(createdAt, -1)}`)).toEqual([]);
    }
    const within = `createdAt.gte=${since(createdAt)}&createdAt.lte=${since(createdAt)}`;
    expect(await my.listed(`${my.path}/disks?${within}`)).toHaveLength(1);
  });

  it('is not sent again to who knows it, and not changed by who knows another version', async () => {
    const path = await my.provisioned();
    const etag = (await my.call('GET', path)).headers.get('etag') ?? '';
    const response = await fetch(server.server.url + path, {
      headers: { authorization: `Bearer ${my.token}`, 'if-none-match': etag },
    });
    expect(response.status).toBe(304);
    const stale = await my.call('DELETE', path, undefined, { 'if-match': '"1"' });
    expect(stale.status).toBe(412);
    const verdict = (version: string) =>
      my.call('DELETE', `${path}?validateOnly=true`, undefined, { 'if-match': version });
    const { type, detail } = stale.body;
    expect(await verdict('"1"')).toMatchObject({ status: 412, body: { type, detail } });
    expect(await verdict(etag)).toMatchObject({ status: 200, body: { allowed: true, problems: [] } });
    expect((await my.call('DELETE', path, undefined, { 'if-match': etag })).status).toBe(202);
  });
});

describe('a list of disks', () => {
  it('is filtered, sorted and paged', async () => {
    await my.provisioned({ name: 'a', sizeGiB: 10, tags: { team: 'x' } });
    await my.provisioned({ name: 'b', sizeGiB: 20, tags: { team: 'y' } });
    await my.request({ name: 'c', sizeGiB: 30 });
    const names = async (query: string) => (await my.listed(`${my.path}/disks?${query}`)).map(({ name }) => name);
    expect(await names('')).toEqual(['c', 'b', 'a']);
    expect(await names('sort=sizeGiB')).toEqual(['a', 'b', 'c']);
    expect(await names('status=creating&status=error')).toEqual(['c']);
    expect(await names('sizeGiB.gte=20&sort=name')).toEqual(['b', 'c']);
    expect(await names('sizeGiB=10')).toEqual(['a']);
    expect(await names('tags.team=x&tags.team=y')).toEqual(['b', 'a']);
    const [first] = await my.listed(`${my.path}/disks?name=a`);
    expect(await names(`id=${String(first?.['id'])}`)).toEqual(['a']);
    expect(await names(`cloud.id=${(first?.['cloud'] as { id: string }).id}`)).toEqual(['a']);
    const page = await my.call('GET', `${my.path}/disks?limit=2&sort=name`);
    const rest = await my.call('GET', `${my.path}/disks?limit=2&cursor=${String(page.body['nextCursor'])}`);
    expect((rest.body['items'] as { name: string }[]).map(({ name }) => name)).toEqual(['c']);
    expect(rest.body['nextCursor']).toBeNull();
    expect((await my.call('GET', `${my.path}/disks?colour=red`)).status).toBe(400);
  });

  it('is of one moment on all its pages, also where asOf names a time that is not over', async () => {
    for (const name of ['a', 'b', 'c']) await my.provisioned({ name });
    const soon = new Date(Date.now() + 60_000).toISOString();
    const path = `${my.path}/disks?limit=1&sort=name`;
    const names = ({ body }: Reply) => (body['items'] as { name: string }[]).map(({ name }) => name);
    const first = await my.call('GET', `${path}&asOf=${soon}`);
    await my.provisioned({ name: 'bb' });
    const cursor = String(first.body['nextCursor']);
    const second = await my.call('GET', `${my.path}/disks?limit=1&cursor=${cursor}`);
    const third = await my.call('GET', `${path}&asOf=${soon}&cursor=${String(second.body['nextCursor'])}`);
    expect([first, second, third].map(names)).toEqual([['a'], ['b'], ['c']]);
    expect(third.body['nextCursor']).toBeNull();
    const positions = [first, second, third].map(({ headers }) => headers.get('strata-position'));
    expect(new Set(positions).size).toBe(1);
    for (const other of [`asOf=${new Date(Date.parse(soon) + 1).toISOString()}`, `asOf=${positions[0]}`]) {
      const refused = await my.call('GET', `${path}&${other}&cursor=${cursor}`);
      expect({ status: refused.status, code: codeOf(refused) }).toEqual({ status: 400, code: 'invalid-cursor' });
    }
    const ofNow = String((await my.call('GET', path)).body['nextCursor']);
    expect(codeOf(await my.call('GET', `${path}&asOf=${soon}&cursor=${ofNow}`))).toBe('invalid-cursor');
    expect(names(await my.call('GET', `${path}&cursor=${ofNow}`))).toEqual(['b']);
  });

  it('shows the same of rows that an older build wrote, which are not kept ready', async () => {
    await my.provisioned({ name: 'a', tags: { team: 'x' } });
    await my.request({ name: 'b' });
    const ready = await my.listed(`${my.path}/disks?limit=1`);
    const all = await my.listed(`${my.path}/disks`);
    await server.server.worker.query('update view_disks set shown = null where project_id = $1', [my.projectId]);
    expect(await my.listed(`${my.path}/disks?limit=1`)).toEqual(ready);
    expect(await my.listed(`${my.path}/disks`)).toEqual(all);
    expect(all.map(({ name }) => name)).toEqual(['b', 'a']);
  });

  it('goes over all projects that the caller may view', async () => {
    await my.request();
    const other = await DiskProject.make(server);
    await my.call('POST', `/v1/projects/${other.projectId}/disks`, wanted, {}, other.token);
    const mine = await my.listed('/v1/disks');
    expect(mine.map((disk) => disk['projectId'])).toEqual([my.projectId]);
    const both = await my.listed(`/v1/disks?projectId=${my.projectId}&projectId=${other.projectId}`, my.admin);
    expect(both).toHaveLength(2);
    expect((await my.call('GET', `/v1/projects/${other.projectId}/disks`)).status).toBe(404);
  });
});
