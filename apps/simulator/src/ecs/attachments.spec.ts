import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CloudClient, enter, type Received } from '../cloud-client.js';
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

const server = async (body: Record<string, unknown> = {}): Promise<string> => {
  const place = { projectId: cloud.projectId, availabilityZone: 'eu-de-01' };
  return (await cloud.switch<{ id: string }>('POST', '/servers', { ...place, ...body })).body.id;
};

const disk = async (): Promise<string> => {
  const { body } = await cloud.create();
  await cloud.advance(1_500);
  return (await cloud.job(body.job_id)).body.entities.volume_id ?? '';
};

const received = ({ status, body }: Received<unknown>) => ({ status, body });

describe('attachments in Nova’s manner', () => {
  const nova = <Body = unknown>(method: string, serverId: string, rest = '', body?: unknown) =>
    cloud.request<Body>(method, `/ecs/v2.1/${cloud.projectId}/servers/${serverId}/os-volume_attachments${rest}`, body);

  it('are made, shown and removed without a job', async () => {
    const [serverId, volumeId] = [await server(), await disk()];
    const attachment = { device: '/dev/vdb', serverId, id: volumeId, volumeId };
    const made = await nova('POST', serverId, '', { volumeAttachment: { volumeId, device: '/dev/sdb' } });
    expect(received(made)).toEqual({ status: 200, body: { volumeAttachment: attachment } });
    expect((await cloud.volume(volumeId)).status).toBe('attaching');
    await cloud.advance(1_500);
    expect((await cloud.volume(volumeId)).status).toBe('in-use');
    expect((await nova('GET', serverId)).body).toEqual({ volumeAttachments: [attachment] });
    expect((await nova('GET', serverId, `/${volumeId}`)).body).toEqual({ volumeAttachment: attachment });
    expect(received(await nova('DELETE', serverId, `/${volumeId}`))).toEqual({ status: 202, body: undefined });
    await cloud.advance(1_500);
    expect((await nova('GET', serverId)).body).toEqual({ volumeAttachments: [] });
    expect((await cloud.volume(volumeId)).status).toBe('available');
  });

  it('are refused in Nova’s words', async () => {
    const [serverId, volumeId] = [await server({ status: 'SUSPENDED' }), await disk()];
    const create = (id: string) => nova('POST', serverId, '', { volumeAttachment: { volumeId: id } });
    expect(await create(volumeId)).toMatchObject({ status: 409, body: { conflictingRequest: { code: 409 } } });
    expect(await create(serverId)).toMatchObject({ status: 404, body: { itemNotFound: { code: 404 } } });
    expect(await nova('GET', volumeId)).toMatchObject({ status: 404, body: { itemNotFound: { code: 404 } } });
    expect(await nova('DELETE', serverId, `/${volumeId}`)).toMatchObject({ status: 404 });
    await cloud.switch('PATCH', `/servers/${serverId}`, { status: 'ACTIVE' });
    await create(volumeId);
    expect(await create(volumeId)).toMatchObject({ status: 400, body: { badRequest: { code: 400 } } });
  });
});
