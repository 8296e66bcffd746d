import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import { codeOf, type DiskProject } from '../contract/disk-project.js';
import { type DiskServer } from '../contract/disk-server.js';
import { forEachDiskProject } from '../contract/for-each-disk-project.js';

let server: DiskServer;
let my: DiskProject;

forEachDiskProject((project, started) => {
  my = project;
  server = started;
});

const idIn = (path: string) => path.split('/').at(-1) ?? '';
const names = async (query: string) => (await my.listed(`${my.path}/disks?${query}`)).map(({ name }) => name);

describe('a list of disks', () => {
  it('is filtered by what each is like', async () => {
    await my.provisioned({ name: 'plain' });
    await my.request({ name: 'shared', shareable: true });
    const odd = await my.provisioned({ name: 'odd' });
    await server.observe(idIn(odd), { bootable: true, encrypted: true, readOnly: true });
    const { position } = await server.server.store.head();
    for (const member of ['bootable', 'encrypted', 'readOnly']) {
      expect(await names(`${member}=true`)).toEqual(['odd']);
      expect(await names(`${member}=false&asOf=${position}`)).toEqual(['shared', 'plain']);
    }
    expect(await names('shareable=true')).toEqual(['shared']);
    expect(await names('shareable=true&shareable=false&sort=name')).toEqual(['odd', 'plain', 'shared']);
    expect(await names('cloud.status=available')).toEqual(['odd', 'plain']);
    expect(await names(`version=${String((await my.show(odd))['version'])}`)).toEqual(['odd']);
    expect(codeOf(await my.call('GET', `${my.path}/disks?bootable=yes`))).toBe('invalid-request');
  });

  it('is filtered by the servers that they are attached to', async () => {
    const [first, second] = [newId(), newId()];
    const both = await my.provisioned({ name: 'both' });
    const one = await my.provisioned({ name: 'one' });
    await my.provisioned({ name: 'none' });
    const attached = (...servers: readonly string[]) => servers.map((serverId) => ({ serverId, device: null }));
    await server.observe(idIn(both), { status: 'in-use', attachments: attached(first, second) });
    await server.observe(idIn(one), { status: 'in-use', attachments: attached(second) });
    expect(await names(`attachments.serverId=${first}`)).toEqual(['both']);
    expect(await names(`attachments.serverId=${second}`)).toEqual(['one', 'both']);
    expect(await names(`attachments.serverId=${newId()}`)).toEqual([]);
  });

  it('is filtered by why they are in error', async () => {
    const failed = await my.request({ name: 'failed' });
    await server.fail(String(failed.body['id']));
    await my.provisioned();
    expect(await names('statusReason=The%20cloud%20could%20not%20carry%20it%20out')).toEqual(['failed']);
  });
});
