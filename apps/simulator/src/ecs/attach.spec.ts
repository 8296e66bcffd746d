import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CloudClient, enter, type JobBody, type Received } from '../cloud-client.js';
import { startSimulator, type Simulator } from '../simulator.js';

let simulator: Simulator;
let cloud: CloudClient;

beforeAll(async () => {
  simulator = await startSimulator();
});
beforeEach(async () => {
  await fetch(`${simulator.url}/_simulator/reset`, { method: 'POST' });
  cloud = await enter(simulator);
  await cloud.freeze();
});
afterAll(() => simulator.close());

type JobId = { readonly job_id: string };

const server = async (body: Record<string, unknown> = {}): Promise<string> => {
  const place = { projectId: cloud.projectId, availabilityZone: 'eu-de-01' };
  return (await cloud.switch<{ id: string }>('POST', '/servers', { ...place, ...body })).body.id;
};
const setStatus = (id: string, status: string) => cloud.switch('PATCH', `/servers/${id}`, { status });

const disk = async (volume: Record<string, unknown> = {}): Promise<string> => {
  const { body } = await cloud.create(volume);
  await cloud.advance(1_500);
  return (await cloud.job(body.job_id)).body.entities.volume_id ?? '';
};

const attach = (serverId: string, volumeId: string, device?: string) =>
  cloud.ecs<JobId>('POST', `/cloudservers/${serverId}/attachvolume`, { volumeAttachment: { volumeId, device } });
const detach = (serverId: string, volumeId: string, query = '') =>
  cloud.ecs<JobId>('DELETE', `/cloudservers/${serverId}/detachvolume/${volumeId}${query}`);
const ecsJob = (id: string) => cloud.ecs<JobBody>('GET', `/jobs/${id}`);

const attached = async (serverId: string, volumeId: string, device?: string): Promise<void> => {
  expect((await attach(serverId, volumeId, device)).status).toBe(200);
  await cloud.advance(1_500);
  expect((await cloud.volume(volumeId)).status).toBe('in-use');
};

const refusedWith = (code: string, status = 400) => ({ status, body: { error: { code } } });
const received = ({ status, body }: Received<unknown>) => ({ status, body });

describe('attaching a disk', () => {
  it('is a job of ECS, while the disk goes from attaching to in-use', async () => {
    const [serverId, volumeId] = [await server(), await disk({ name: 'ledger' })];
    const { status, body } = await attach(serverId, volumeId);
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['job_id']);
    expect((await ecsJob(body.job_id)).body).toMatchObject({ status: 'INIT', end_time: '' });
    expect(await cloud.volume(volumeId)).toMatchObject({ status: 'attaching', attachments: [] });
    await cloud.advance(1_000);
    expect((await ecsJob(body.job_id)).body.status).toBe('RUNNING');
    await cloud.advance(500);
    expect((await ecsJob(body.job_id)).body).toMatchObject({
      status: 'SUCCESS',
      job_type: 'attachVolume',
      entities: { server_id: serverId, volume_id: volumeId },
      error_code: null,
    });
    const volume = await cloud.volume(volumeId);
    expect(volume).toMatchObject({ status: 'in-use', metadata: { attached_mode: 'rw', readonly: 'False' } });
    expect(volume.attachments).toEqual([
      {
        server_id: serverId,
        attachment_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        attached_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/) as string,
        host_name: null,
        volume_id: volumeId,
        device: '/dev/vdb',
        id: volumeId,
      },
    ]);
    expect((await cloud.list(`?server_id=${serverId}`)).volumes.map(({ id }) => id)).toEqual([volumeId]);
  });

  it('and creating it are jobs of two services, neither of which knows the other’s', async () => {
    const { body: created } = await cloud.create();
    await cloud.advance(1_500);
    const volumeId = (await cloud.job(created.job_id)).body.entities.volume_id ?? '';
    const { body } = await attach(await server(), volumeId);
    expect(received(await cloud.job(body.job_id))).toMatchObject(refusedWith('Common.0011'));
    expect(received(await ecsJob(created.job_id))).toMatchObject(refusedWith('Common.0011'));
  });

  it('names devices by letter and by the bus of the disk', async () => {
    const serverId = await server();
    await attached(serverId, await disk(), '/dev/sdc');
    await attached(serverId, await disk());
    await attached(serverId, await disk({ metadata: { 'hw:passthrough': 'true' } }));
    type Devices = { volumeAttachments: { device: string; bus: string }[]; attachableQuantity: { free_disk: number } };
    for (const path of [
      `/ecs/v1/${cloud.projectId}/cloudservers/${serverId}/block_device`,
      `/ecs/v2.1/${cloud.projectId}/servers/${serverId}/block_device`,
      `/ecs/v2.1/servers/${serverId}/block_device`,
    ]) {
      const { body } = await cloud.request<Devices>('GET', path);
      expect(body.attachableQuantity.free_disk).toBe(21);
      expect(body.volumeAttachments.map(({ device, bus }) => [device, bus])).toEqual([
        ['/dev/sdd', 'scsi'],
        ['/dev/vdb', 'virtio'],
        ['/dev/vdc', 'virtio'],
      ]);
    }
  });

  it('is only tried by a dry run', async () => {
    const [serverId, volumeId] = [await server(), await disk()];
    const path = `/cloudservers/${serverId}/attachvolume`;
    const dry = { volumeAttachment: { volumeId }, dry_run: true };
    expect((await cloud.ecs('POST', path, dry)).status).toBe(200);
    expect((await cloud.volume(volumeId)).status).toBe('available');
    await setStatus(serverId, 'PAUSED');
    expect(received(await cloud.ecs('POST', path, dry))).toMatchObject(refusedWith('Ecs.0100'));
  });

  it('is refused across zones, to servers that sleep, and for what does not exist', async () => {
    const [here, there] = [await server(), await server({ availabilityZone: 'eu-de-02' })];
    const volumeId = await disk();
    expect(await attach(there, volumeId)).toMatchObject(refusedWith('Ecs.0121'));
    for (const status of ['PAUSED', 'SUSPENDED', 'ERROR']) {
      await setStatus(here, status);
      expect(await attach(here, volumeId)).toMatchObject(refusedWith('Ecs.0100'));
    }
    await setStatus(here, 'ACTIVE');
    expect(await attach(volumeId, volumeId)).toMatchObject(refusedWith('Ecs.0114', 404));
    expect(await attach(here, here)).toMatchObject(refusedWith('Ecs.0103'));
    expect(await attach(here, 'no-uuid')).toMatchObject(refusedWith('Ecs.0005'));
    expect(await attach(here, volumeId, 'b')).toMatchObject(refusedWith('Ecs.0005'));
    expect(await attach(here, volumeId, '/dev/vda')).toMatchObject(refusedWith('Ecs.0005'));
    expect((await cloud.volume(volumeId)).status).toBe('available');
  });

  it('is refused for a disk that another server has, and twice to the same one', async () => {
    const [first, second] = [await server(), await server()];
    const volumeId = await disk();
    expect((await attach(first, volumeId)).status).toBe(200);
    expect(await attach(first, volumeId)).toMatchObject(refusedWith('Ecs.0057'));
    expect(await attach(second, volumeId)).toMatchObject(refusedWith('Ecs.0103'));
    await cloud.advance(1_500);
    expect(await attach(first, volumeId)).toMatchObject(refusedWith('Ecs.0057'));
    expect(await attach(second, volumeId)).toMatchObject(refusedWith('Ecs.0103'));
    const other = await disk();
    expect(await attach(first, other, '/dev/vdb')).toMatchObject(refusedWith('Ecs.0005'));
  });

  it('gives a shared disk to sixteen servers of one kind', async () => {
    const volumeId = await disk({ multiattach: true });
    for (let count = 0; count < 16; count += 1) await attached(await server(), volumeId);
    expect((await cloud.volume(volumeId)).attachments).toHaveLength(16);
    expect(await attach(await server(), volumeId)).toMatchObject(refusedWith('Ecs.0017'));
  });

  it('gives a shared disk to no servers of two kinds', async () => {
    const volumeId = await disk({ multiattach: true });
    await attached(await server({ osType: 'Linux' }), volumeId);
    expect(await attach(await server({ osType: 'Windows' }), volumeId)).toMatchObject(refusedWith('Ecs.0017'));
  });

  it('ends when the server is full', async () => {
    const serverId = await server();
    const { body } = await cloud.create({ count: 25 });
    await cloud.advance(1_500);
    const volumes = (await cloud.job(body.job_id)).body.entities.sub_jobs ?? [];
    const answers: number[] = [];
    for (const { entities } of volumes) answers.push((await attach(serverId, entities.volume_id ?? '')).status);
    expect(answers.filter((status) => status === 200)).toHaveLength(24);
    expect(answers.at(-1)).toBe(400);
  });

  it('leaves the disk as it was when it fails', async () => {
    await cloud.faults({ kind: 'job-failed', match: { operation: 'servers.*', name: '^unlucky$' } });
    const [serverId, volumeId] = [await server(), await disk({ name: 'unlucky' })];
    const { body } = await attach(serverId, volumeId);
    await cloud.advance(1_500);
    expect((await ecsJob(body.job_id)).body).toMatchObject({ status: 'FAIL', error_code: 'Ecs.0205' });
    expect(await cloud.volume(volumeId)).toMatchObject({ status: 'available', attachments: [] });
  });

  it('may be taken on although the answer says otherwise, or its job be lost or never end', async () => {
    const [serverId, volumeId] = [await server(), await disk()];
    await cloud.faults({ kind: 'error-after-accept', match: { operation: 'servers.attach' }, times: 1 });
    expect(await attach(serverId, volumeId)).toMatchObject(refusedWith('Ecs.0002', 500));
    expect((await cloud.volume(volumeId)).status).toBe('attaching');
    await cloud.advance(1_500);
    await cloud.faults({ kind: 'job-lost', match: { operation: 'servers.detach' } });
    const { body: lost } = await detach(serverId, volumeId);
    expect(received(await ecsJob(lost.job_id))).toMatchObject(refusedWith('Common.0011'));
    await cloud.advance(1_500);
    await cloud.faults({ kind: 'job-stuck', match: { operation: 'servers.attach' } });
    const { body: stuck } = await attach(serverId, volumeId);
    await cloud.advance(86_400_000 - 10_000);
    expect((await ecsJob(stuck.job_id)).body.status).toBe('RUNNING');
    expect((await cloud.volume(volumeId)).status).toBe('attaching');
  });
});

describe('an attached disk', () => {
  it('is detached by a job, and available again', async () => {
    const [serverId, volumeId] = [await server(), await disk()];
    await attached(serverId, volumeId);
    const { status, body } = await detach(serverId, volumeId, '?delete_flag=0');
    expect(status).toBe(200);
    expect(await cloud.volume(volumeId)).toMatchObject({
      status: 'detaching',
      attachments: [{ server_id: serverId }],
    });
    expect(await detach(serverId, volumeId)).toMatchObject(refusedWith('Ecs.0102'));
    await cloud.advance(1_500);
    expect((await ecsJob(body.job_id)).body).toMatchObject({ status: 'SUCCESS', job_type: 'detachVolume' });
    const volume = await cloud.volume(volumeId);
    expect(volume).toMatchObject({ status: 'available', attachments: [] });
    expect(volume.metadata).not.toHaveProperty('attached_mode');
    expect(await detach(serverId, volumeId)).toMatchObject(refusedWith('Ecs.0111'));
    expect(await detach(serverId, volumeId, '?delete_flag=2')).toMatchObject(refusedWith('Ecs.0005'));
  });

  it('stays in use while another server has it', async () => {
    const [first, second] = [await server(), await server()];
    const volumeId = await disk({ multiattach: true });
    await attached(first, volumeId);
    await attached(second, volumeId);
    await detach(first, volumeId);
    await cloud.advance(1_500);
    expect(await cloud.volume(volumeId)).toMatchObject({ status: 'in-use', attachments: [{ server_id: second }] });
  });

  it('is not deleted', async () => {
    const [serverId, volumeId] = [await server(), await disk()];
    await attached(serverId, volumeId);
    expect(received(await cloud.evs('DELETE', `/cloudvolumes/${volumeId}`))).toMatchObject(refusedWith('EVS.1046'));
    expect((await cloud.volume(volumeId)).status).toBe('in-use');
  });

  it('is extended while its server runs, sleeps or is off, and stays in use', async () => {
    const [serverId, volumeId] = [await server(), await disk()];
    await attached(serverId, volumeId);
    let size = 10;
    for (const status of ['ACTIVE', 'PAUSED', 'SUSPENDED', 'SHUTOFF']) {
      await setStatus(serverId, status);
      size += 10;
      const extension = { 'os-extend': { new_size: size } };
      expect((await cloud.evs('POST', `/volumes/${volumeId}/action`, extension)).status).toBe(202);
      await cloud.advance(1_500);
      expect(await cloud.volume(volumeId)).toMatchObject({ status: 'in-use', size, attachments: [{}] });
    }
    await setStatus(serverId, 'ERROR');
    const extension = { 'os-extend': { new_size: 99 } };
    const refused = await cloud.evs('POST', `/cloudvolumes/${volumeId}/action`, extension);
    expect(received(refused)).toMatchObject(refusedWith('EVS.1066'));
  });

  it('is not extended when it is shared', async () => {
    const volumeId = await disk({ multiattach: true });
    await attached(await server(), volumeId);
    const extension = { 'os-extend': { new_size: 99 } };
    const refused = await cloud.evs('POST', `/cloudvolumes/${volumeId}/action`, extension);
    expect(received(refused)).toMatchObject(refusedWith('EVS.1065'));
  });

  it('comes from and goes to a stopped server only when it is the system disk', async () => {
    const [serverId, volumeId] = [await server(), await disk()];
    await cloud.evs('POST', `/volumes/${volumeId}/action`, { 'os-set_bootable': { bootable: true } });
    expect(await attach(serverId, volumeId)).toMatchObject(refusedWith('Ecs.0005'));
    expect(await attach(serverId, volumeId, '/dev/vda')).toMatchObject(refusedWith('Ecs.0100'));
    await setStatus(serverId, 'SHUTOFF');
    await attached(serverId, volumeId, '/dev/sda');
    expect((await cloud.volume(volumeId)).attachments).toMatchObject([{ device: '/dev/vda' }]);
    await setStatus(serverId, 'ACTIVE');
    expect(await detach(serverId, volumeId)).toMatchObject(refusedWith('Ecs.0100'));
    await setStatus(serverId, 'SHUTOFF');
    expect(await detach(serverId, volumeId, '?delete_flag=1')).toMatchObject(refusedWith('Ecs.0005'));
    expect((await detach(serverId, volumeId)).status).toBe(200);
  });
});
