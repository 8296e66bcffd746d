import { everything } from '@strata/event-store';
import { describe, expect, it } from 'vitest';
import { codeOf, type DiskProject, idOf } from './contract/disk-project.js';
import { type DiskServer } from './contract/disk-server.js';
import { forEachDiskProject } from './contract/for-each-disk-project.js';

let server: DiskServer;
let my: DiskProject;

forEachDiskProject((project, started) => {
  my = project;
  server = started;
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

  it('clears what is the user’s, and neither Strata’s nor the cloud’s in whatever spelling', async () => {
    const path = await my.provisioned();
    const others = { 'Strata.Marker': 'x', ReadOnly: 'True' };
    const tags = { 'Strata-team': 'a', readonly: 'b' };
    await server.observe(path.split('/').at(-1) ?? '', { tags, metadata: { ...others, note: 'c' } });
    const reply = await my.call('PATCH', path, { tags: null, metadata: null });
    await server.accept(idOf(reply));
    await server.end(idOf(reply), { end: 'succeeded', outcome: {} });
    expect(await my.show(path)).toMatchObject({ tags: { 'Strata-team': 'a' }, metadata: others });
    expect(await my.show(path)).not.toMatchObject({ tags: { readonly: 'b' } });
    expect(await my.show(path)).not.toMatchObject({ metadata: { note: 'c' } });
  });

  it('adds no key that the cloud could take for another one', async () => {
    const path = await my.provisioned({ tags: { Team: 'a' }, metadata: { note: 'a' } });
    const alike = [
      [{ tags: { team: 'b' } }, '/tags/team'],
      [{ metadata: { 'note ': 'b' } }, '/metadata/note '],
      [{ metadata: { 'Nöte/1': 'b', 'note/1': 'c' } }, '/metadata/note~11'],
      [{ tags: { team: 'b' }, metadata: { NOTE: null, Note: 'b' } }, '/tags/team', '/metadata/Note'],
    ] as const;
    for (const [patch, ...pointers] of alike) {
      const refused = await my.call('PATCH', path, patch);
      expect({ status: refused.status, code: codeOf(refused) }).toEqual({ status: 400, code: 'invalid-request' });
      expect(refused.body['errors']).toMatchObject(pointers.map((pointer) => ({ pointer })));
    }
    const verdict = await my.call('PATCH', `${path}?validateOnly=true`, { tags: { team: 'b' } });
    expect(verdict.body).toMatchObject({ allowed: false, problems: [{ status: 400 }] });
    expect((await my.call('PATCH', path, { tags: { Team: null, team: 'b' }, metadata: { note: 'c' } })).status).toBe(
      202,
    );
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

describe('making a disk anew', () => {
  it('asks for the user’s labels, and for none by which the cloud could take it for another', async () => {
    const path = await my.provisioned({ tags: { team: 'a' } });
    const labels = {
      tags: { team: 'a', 'Strata-x': 'b' },
      metadata: { note: 'c', 'Strata.Marker': 'd', ReadOnly: 'e' },
    };
    await server.observe(path.split('/').at(-1) ?? '', labels);
    const gone = await my.call('POST', `${path}/refresh`);
    await server.end(idOf(gone), { end: 'succeeded', outcome: { sighting: null } });
    const reply = await my.call('POST', `${path}/recreate`, {});
    expect(reply.status).toBe(202);
    const { streams } = await server.server.store.load({ sight: everything, streams: [`operation-${idOf(reply)}`] });
    const { tags, metadata } = streams[0]?.events[0]?.data['input'] as unknown as typeof labels;
    expect({ tags, metadata }).toEqual({ tags: { team: 'a' }, metadata: { note: 'c' } });
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
