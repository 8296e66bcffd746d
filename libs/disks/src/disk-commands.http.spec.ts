import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, DiskProject, idOf } from './contract/disk-project.js';
import { DiskServer } from './contract/disk-server.js';

let server: DiskServer;
let my: DiskProject;
beforeAll(async () => {
  server = await DiskServer.start();
});
afterAll(() => server.close());
beforeEach(async () => {
  my = await DiskProject.make(server);
});

describe('changing a disk', () => {
  it('merges by key, and is written when the cloud has it', async () => {
    const path = await my.provisioned({ description: 'old', tags: { a: '1', b: '2' } });
    const reply = await my.call('PATCH', path, { name: 'new', description: null, tags: { a: null, c: '3' } });
    expect(reply.status).toBe(202);
    expect(reply.body).toMatchObject({ kind: 'disk.update' });
    expect(await my.show(path)).toMatchObject({
      name: 'db',
      description: 'old',
      status: 'available',
      allowedActions: [],
    });
    await server.accept(idOf(reply));
    await server.end(idOf(reply), { end: 'succeeded', outcome: {} });
    expect(await my.show(path)).toMatchObject({ name: 'new', description: '', tags: { b: '2', c: '3' } });
  });

  it('removes all tags with null, and succeeds at once when nothing changes', async () => {
    const path = await my.provisioned({ tags: { a: '1', b: '2' } });
    const { version } = await my.show(path);
    const nothing = await my.call('PATCH', path, { name: 'db', tags: { a: '1' } });
    expect([nothing.status, nothing.body]).toMatchObject([202, { status: 'succeeded' }]);
    expect((await my.show(path))['version']).toBe(version);
    const reply = await my.call('PATCH', path, { tags: null });
    await server.accept(idOf(reply));
    await server.end(idOf(reply), { end: 'succeeded', outcome: {} });
    expect(await my.show(path)).toMatchObject({ tags: {} });
  });

  it('touches no key of Strata, in whatever case the cloud would take for it', async () => {
    const path = await my.provisioned();
    for (const patch of [{ metadata: { 'Strata.Marker': null } }, { tags: { 'STRATA-marker': 'v' } }]) {
      const refused = await my.call('PATCH', path, patch);
      expect({ status: refused.status, code: codeOf(refused) }).toEqual({ status: 400, code: 'invalid-request' });
    }
  });

  it('sets flags, which the disk shows when the cloud has them', async () => {
    const path = await my.provisioned();
    const nothing = await my.call('PATCH', path, { bootable: false, readOnly: false });
    expect(nothing.body).toMatchObject({ status: 'succeeded' });
    const reply = await my.call('PATCH', path, { bootable: true, readOnly: true });
    expect(reply.body).toMatchObject({ kind: 'disk.update', status: 'queued' });
    expect(await my.show(path)).toMatchObject({ bootable: false, readOnly: false });
    await server.accept(idOf(reply));
    await server.end(idOf(reply), { end: 'succeeded', outcome: {} });
    expect(await my.show(path)).toMatchObject({ bootable: true, readOnly: true });
    expect((await my.call('PATCH', path, { readOnly: true })).body).toMatchObject({ status: 'succeeded' });
    expect(codeOf(await my.call('PATCH', path, { readOnly: null }))).toBe('invalid-request');
  });

  it.each([
    [' ', 'must not be blank'],
    ['\u00a0\u3000\u200b', 'must not be blank'],
    ['a'.repeat(256), 'must be no longer than 255 bytes'],
  ])('is told one fault of a name that breaks one rule', async (name, detail) => {
    const reply = await my.call('PATCH', await my.provisioned(), { name });
    expect(reply.body).toMatchObject({ status: 400, errors: [{ pointer: '/name', detail }] });
  });

  it('is refused with what a disk may not have', async () => {
    const nine = Object.fromEntries([...'abcdefghi'].map((key) => [key, '']));
    const path = await my.provisioned({ tags: nine });
    expect(codeOf(await my.call('PATCH', path, { tags: { j: '' } }))).toBe('too-many-tags');
    expect((await my.call('PATCH', path, { tags: { a: null, j: '' } })).status).toBe(202);
    const other = await my.provisioned();
    expect(codeOf(await my.call('PATCH', other, { name: 'ü'.repeat(128) }))).toBe('invalid-request');
    expect(codeOf(await my.call('PATCH', other, { name: null }))).toBe('invalid-request');
    expect(codeOf(await my.call('PATCH', other, { tags: { strata: null } }))).toBe('invalid-request');
    expect(codeOf(await my.call('PATCH', other, { sizeGiB: 80 }))).toBe('invalid-request');
  });
});

describe('extending a disk', () => {
  it('holds the difference, and uses it when the cloud has it', async () => {
    await my.setLimits([{ dimension: 'gigabytes', limit: 100 }]);
    const path = await my.provisioned();
    expect(codeOf(await my.call('POST', `${path}/extend`, { sizeGiB: 40 }))).toBe('size-not-larger');
    expect(codeOf(await my.call('POST', `${path}/extend`, { sizeGiB: 101 }))).toBe('quota-exceeded');
    const reply = await my.call('POST', `${path}/extend`, { sizeGiB: 100 });
    expect(reply.status).toBe(202);
    expect(await my.show(path)).toMatchObject({ status: 'extending', sizeGiB: 40 });
    await server.accept(idOf(reply));
    await server.end(idOf(reply), { end: 'succeeded', outcome: {} });
    expect(await my.show(path)).toMatchObject({ status: 'available', sizeGiB: 100 });
    expect(codeOf(await my.request({ sizeGiB: 10 }))).toBe('quota-exceeded');
  });

  it('is busy with one thing at a time', async () => {
    const path = await my.provisioned();
    const first = await my.call('POST', `${path}/refresh`);
    expect(first.status).toBe(202);
    const second = await my.call('POST', `${path}/extend`, { sizeGiB: 80 });
    expect(second.status).toBe(409);
    expect(second.body).toMatchObject({
      type: '/problems/disk-busy',
      blockers: [{ kind: 'operation', id: idOf(first) }],
    });
  });

  it('is refused while the disk is not there', async () => {
    const reply = await my.request();
    await server.fail(idOf(reply));
    const refused = await my.call('POST', `${my.pathOf(reply)}/extend`, { sizeGiB: 80 });
    expect(refused.body).toMatchObject({ type: '/problems/disk-not-ready', diskStatus: 'error', allowed: ['delete'] });
  });
});
