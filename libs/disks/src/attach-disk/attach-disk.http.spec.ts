import { BindingId } from '@strata/kernel';
import { WORKER_ACTOR } from '@strata/operations';
import { bindingEvent, bindingStream, executeFact, foldBinding, nodeOf } from '@strata/projects';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, DiskProject, idOf } from '../contract/disk-project.js';
import { DiskServer } from '../contract/disk-server.js';
import { atRest } from '../contract/disk-story.js';
import { endAdoption, sweptDisk } from '../contract/found-disks.js';

let server: DiskServer;
let bindingId: BindingId;
let my: DiskProject;
beforeAll(async () => {
  server = await DiskServer.start();
  const access = { kind: 'openstack', region: 'RegionOne', cloudProjectId: newId(), credentials: { ref: 'lab' } };
  const body = { name: 'lab', endpoints: { keystone: 'http://127.0.0.1:5000' }, ...access };
  const { platformAdmin: token } = server.server.tokens;
  bindingId = BindingId.parse(idOf(await server.call('POST', '/v1/bindings', { body, token })));
});
afterAll(() => server.close());
beforeEach(async () => {
  my = await DiskProject.make(server, bindingId);
});

const serverId = newId();
const refused = async (path: string, act: 'attach' | 'detach') => {
  const reply = await my.call('POST', `${path}/${act}`, { serverId });
  return [reply.status, codeOf(reply)];
};
/** No request takes an endpoint away; a binding that another build wrote may have none. */
const withoutServers = (of: BindingId) =>
  executeFact(server.server.store, {
    streams: [bindingStream(of)],
    meta: { actorId: WORKER_ACTOR },
    decide: ({ streams: [loaded] }) => {
      const known = foldBinding(loaded);
      if (!loaded || known.status !== 'live') throw new Error('no binding');
      const { ecs: _none, ...endpoints } = known.access.endpoints;
      const events = [bindingEvent('BindingChanged', { ...known.access, endpoints })];
      return { streams: [{ stream: loaded.stream, projectId: nodeOf(of), expectedVersion: loaded.version, events }] };
    },
  });
const idIn = (path: string) => path.split('/').at(-1) ?? '';
const actionsOf = async (path: string) => (await my.show(path))['allowedActions'];

describe('attaching a disk of an OpenStack cloud', () => {
  it('is neither offered nor accepted', async () => {
    const path = await my.provisioned();
    expect(await actionsOf(path)).toEqual(atRest.filter((action) => action !== 'attach'));
    expect(await my.listed(`${my.path}/disks`)).toMatchObject([{ allowedActions: await actionsOf(path) }]);
    expect(await refused(path, 'attach')).toEqual([409, 'attach-not-offered']);
    expect(await refused(path, 'detach')).toEqual([409, 'attach-not-offered']);
    const verdict = await my.call('POST', `${path}/attach?validateOnly=true`, { serverId });
    expect(verdict.body).toMatchObject({ allowed: false, problems: [{ type: '/problems/attach-not-offered' }] });
  });

  it('is not for one that was found there either', async () => {
    const { cloudId, findingId } = await sweptDisk(server, bindingId, 'unknown');
    await my.listed(`/v1/bindings/${bindingId}/findings`, my.admin);
    const adopt = `/v1/bindings/${bindingId}/findings/${findingId}/adopt`;
    const adopting = await my.call('POST', adopt, { projectId: my.projectId }, {}, my.admin);
    await endAdoption(server, adopting, cloudId);
    expect(await actionsOf(my.pathOf(adopting))).not.toContain('attach');
    expect(await refused(my.pathOf(adopting), 'attach')).toEqual([409, 'attach-not-offered']);
  });

  it('is neither where the binding names no service of servers, until it does', async () => {
    const { platformAdmin: token } = server.server.tokens;
    const access = { kind: 'evs', region: 'eu-de', cloudProjectId: newId(), credentials: { ref: 'evs' } };
    const body = { name: newId(), endpoints: { iam: 'http://127.0.0.1:1', evs: 'http://127.0.0.1:1' }, ...access };
    const without = BindingId.parse(idOf(await server.call('POST', '/v1/bindings', { body, token })));
    my = await DiskProject.make(server, without);
    const path = await my.provisioned();
    expect(await actionsOf(path)).not.toContain('attach');
    expect(await my.listed(`${my.path}/disks`)).toMatchObject([{ allowedActions: await actionsOf(path) }]);
    expect(await refused(path, 'attach')).toEqual([409, 'attach-not-offered']);
    const locked = await my.call('PUT', `${path}/deletion-lock`, {});
    expect(locked.body['allowedActions']).not.toContain('attach');
    const attachments = [{ serverId, device: null }];
    await server.observe(idIn(path), { status: 'in-use', cloudStatus: 'in-use', attachments });
    expect(await actionsOf(path)).not.toContain('detach');
    expect(await refused(path, 'detach')).toEqual([409, 'attach-not-offered']);

    const other = await my.provisioned();
    const etag = (await my.call('GET', other)).headers.get('etag') ?? '';
    const knowing = () => my.call('GET', other, undefined, { 'if-none-match': etag });
    expect((await knowing()).status).toBe(304);
    const change = { endpoints: { ecs: 'http://127.0.0.1:1' } };
    expect((await my.call('PATCH', `/v1/bindings/${without}`, change, {}, token)).status).toBe(200);
    expect((await knowing()).body).toMatchObject({ allowedActions: expect.arrayContaining(['attach']) as unknown });
    expect(await actionsOf(other)).toContain('attach');
    expect((await my.listed(`${my.path}/disks?id=${idIn(other)}`))[0]).toMatchObject({
      allowedActions: await actionsOf(other),
    });
    const attaching = await my.call('POST', `${other}/attach`, { serverId });
    expect(attaching.status).toBe(202);

    await server.fail(idOf(attaching));
    const again = () => my.call('POST', `/v1/operations/${idOf(attaching)}/retry`);
    await withoutServers(without);
    expect(codeOf(await again())).toBe('attach-not-offered');
    expect((await my.call('PATCH', `/v1/bindings/${without}`, change, {}, token)).status).toBe(200);
    expect((await again()).status).toBe(202);
  });

  it('is where the cloud has servers for it', async () => {
    my = await DiskProject.make(server);
    const path = await my.provisioned();
    expect(await actionsOf(path)).toContain('attach');
    expect((await my.call('POST', `${path}/attach`, { serverId })).status).toBe(202);
  });
});
