import { BindingId } from '@strata/kernel';
import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import { codeOf, DiskProject, idOf } from '../contract/disk-project.js';
import { type DiskServer } from '../contract/disk-server.js';
import { forEachDiskProject } from '../contract/for-each-disk-project.js';

let server: DiskServer;
let my: DiskProject;

forEachDiskProject((project, started) => {
  my = project;
  server = started;
});

/** ESSD is sold out where disks are, GPSSD is somewhere else. */
const offer = (binding: BindingId): void => {
  const type = (name: string, zone: string, soldOutZones: string[] = []) => ({
    name,
    availabilityZones: [zone],
    soldOutZones,
  });
  const items = [type('SSD', 'eu-de-01'), type('ESSD', 'eu-de-01', ['eu-de-01']), type('GPSSD', 'eu-de-02')];
  server.catalogue.of.set(binding, [{ kind: 'disk-types', items, fetchedAt: new Date().toISOString() }]);
};

const evs = { kind: 'evs', endpoints: { iam: 'http://127.0.0.1:7071', evs: 'http://127.0.0.1:7071' } };
const openstack = { kind: 'openstack', endpoints: { keystone: 'http://127.0.0.1:5000' } };

const newBinding = async (cloud: object = evs): Promise<BindingId> => {
  const access = { ...cloud, region: 'eu-de', cloudProjectId: newId(), credentials: { ref: 'other' } };
  const { tokens } = server.server;
  const made = await server.call('POST', '/v1/bindings', {
    body: { name: newId(), ...access },
    token: tokens.platformAdmin,
  });
  return BindingId.parse(idOf(made));
};

const retype = (path: string, type: string) => my.call('POST', `${path}/retype`, { type });

describe('changing the type of a disk', () => {
  it('shows the disk at it, and its new type when the cloud is done', async () => {
    const path = await my.provisioned();
    const reply = await retype(path, 'ESSD');
    expect(reply.status).toBe(202);
    expect(reply.body).toMatchObject({ kind: 'disk.retype', cancelability: 'now' });
    expect(await my.show(path)).toMatchObject({ status: 'retyping', type: 'SSD', allowedActions: [] });
    await server.accept(idOf(reply));
    const { body: operation } = await my.call('GET', `/v1/operations/${idOf(reply)}`);
    expect(operation).toMatchObject({ status: 'running', cancelability: 'no' });
    expect(codeOf(await my.call('POST', `/v1/operations/${idOf(reply)}/cancel`))).toBe('not-cancellable');
    await server.end(idOf(reply), { end: 'succeeded', outcome: {} });
    expect(await my.show(path)).toMatchObject({ status: 'available', type: 'ESSD' });
    expect(codeOf(await retype(path, 'ESSD'))).toBe('disk-type-unchanged');
    expect((await retype(path, 'SAS')).body).toMatchObject({
      type: '/problems/retype-not-possible',
      possible: ['GPSSD', 'SSD'],
    });
  });

  it('needs room for the new type, while the totals may be full', async () => {
    const path = await my.provisioned();
    await my.setLimits([
      { dimension: 'disks', limit: 1 },
      { dimension: 'gigabytes', limit: 40 },
      { dimension: 'gigabytes:ESSD', limit: 39 },
    ]);
    expect((await retype(path, 'ESSD')).body).toMatchObject({
      type: '/problems/quota-exceeded',
      dimension: 'gigabytes:ESSD',
      missing: 1,
    });
    await my.setLimits([{ dimension: 'gigabytes:ESSD', limit: 40 }]);
    const { body } = await my.call('POST', `${path}/retype?validateOnly=true`, { type: 'ESSD' });
    expect(body).toMatchObject({ allowed: true });
    const failed = await retype(path, 'ESSD');
    await server.fail(idOf(failed));
    expect(await my.show(path)).toMatchObject({ status: 'available', type: 'SSD' });
    expect((await retype(path, 'ESSD')).status).toBe(202);
  });

  it('is refused where the cloud does not offer the type', async () => {
    const binding = await newBinding();
    offer(binding);
    my = await DiskProject.make(server, binding);
    const path = await my.provisioned();
    expect(codeOf(await retype(path, 'ESSD'))).toBe('disk-type-sold-out');
    expect(codeOf(await retype(path, 'GPSSD'))).toBe('disk-type-not-offered');
    expect(codeOf(await retype(path, 'nvme'))).toBe('disk-type-unknown');
  });

  it('is left to an OpenStack cloud, whatever its types are called', async () => {
    my = await DiskProject.make(server, await newBinding(openstack));
    expect((await retype(await my.provisioned(), 'SAS')).status).toBe(202);
  });

  it('is refused there at a retry, too', async () => {
    const binding = await newBinding();
    my = await DiskProject.make(server, binding);
    const failed = await retype(await my.provisioned(), 'ESSD');
    await server.fail(idOf(failed));
    offer(binding);
    expect(codeOf(await my.call('POST', `/v1/operations/${idOf(failed)}/retry`))).toBe('disk-type-sold-out');
  });
});
