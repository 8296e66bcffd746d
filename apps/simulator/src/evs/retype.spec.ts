import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { enter, type CloudClient } from '../cloud-client.js';
import { startSimulator, type Simulator } from '../simulator.js';

let simulator: Simulator;
let cloud: CloudClient;
beforeEach(async () => {
  simulator = await startSimulator({ jobMs: 1_000 });
  cloud = await enter(simulator);
  await cloud.freeze();
});
afterEach(() => simulator.close());

/** A disk that is there, while the clock stands. */
const made = async (volume: Readonly<Record<string, unknown>> = {}): Promise<string> => {
  const { body } = await cloud.create(volume);
  await cloud.advance(1_000);
  return (await cloud.job(body.job_id)).body.entities.volume_id ?? '';
};
const retype = (id: string, newType: unknown) =>
  cloud.evs<{ job_id: string; error?: { code: string } }>('POST', `/volumes/${id}/retype`, {
    'os-retype': { new_type: newType },
  });
const codeOf = async (id: string, newType: unknown) => (await retype(id, newType)).body.error?.code;
const typeOf = async (id: string) =>
  (await cloud.evs<{ volume: { volume_type: string } }>('GET', `/volumes/${id}`)).body.volume.volume_type;

describe('changing the type of a disk (N6)', () => {
  it('answers with a job, and holds both types until it has ended', async () => {
    const id = await made({ size: 20 });
    const { status, body } = await retype(id, 'ESSD');
    expect(status).toBe(202);
    expect(await cloud.volume(id)).toMatchObject({ status: 'retyping', volume_type: 'SSD' });
    expect(await cloud.quota('volumes')).toMatchObject({ reserved: 0, in_use: 1 });
    expect(await cloud.quota('gigabytes_ESSD')).toMatchObject({ reserved: 20, in_use: 0 });
    expect(await cloud.quota('gigabytes_SSD')).toMatchObject({ reserved: 0, in_use: 20 });
    await cloud.advance(1_000);
    expect((await cloud.job(body.job_id)).body).toMatchObject({ status: 'SUCCESS', entities: { volume_id: id } });
    expect(await cloud.volume(id)).toMatchObject({ status: 'available' });
    expect(await typeOf(id)).toBe('ESSD');
    expect(await cloud.quota('volumes_ESSD')).toMatchObject({ reserved: 0, in_use: 1 });
    expect(await cloud.quota('volumes_SSD')).toMatchObject({ in_use: 0 });
    expect(await cloud.quota('gigabytes')).toMatchObject({ reserved: 0, in_use: 20 });
  });

  it.each([
    ['SATA', ['SAS', 'GPSSD', 'SSD', 'ESSD']],
    ['SAS', ['GPSSD', 'SSD', 'ESSD']],
    ['GPSSD', ['SSD', 'ESSD']],
    ['SSD', ['GPSSD', 'ESSD']],
    ['ESSD', ['GPSSD', 'SSD']],
  ])('goes from %s to %j only', async (from, ways) => {
    for (const to of ['SATA', 'SAS', 'GPSSD', 'SSD', 'ESSD']) {
      const id = await made({ volume_type: from });
      expect(await codeOf(id, to)).toBe(ways.includes(to) ? undefined : 'EVS.2087');
    }
  });

  it('goes up only, where EVS.2087 is read to the letter', async () => {
    await cloud.switch('POST', '/readings', { retypeTarget: 'higher-only' });
    expect(await codeOf(await made({ volume_type: 'ESSD' }), 'SSD')).toBe('EVS.2087');
    expect(await codeOf(await made({ volume_type: 'SAS' }), 'SSD')).toBeUndefined();
  });

  it('refuses what is not sold, what is not ready, and what makes no sense', async () => {
    const id = await made();
    expect(await codeOf(id, 'NONE')).toBe('EVS.2070');
    expect(await codeOf(id, '')).toBe('EVS.2083');
    expect((await cloud.evs('POST', `/volumes/${id}/retype`, {})).body).toMatchObject({ error: { code: 'EVS.1011' } });
    expect(await codeOf(await made({ availability_zone: 'eu-de-03' }), 'ESSD')).toBe('EVS.2071');
    await retype(id, 'ESSD');
    expect(await codeOf(id, 'GPSSD')).toBe('EVS.5400');
  });

  it('waits for the deletion of a snapshot', async () => {
    const id = await made();
    const snapshot = await cloud.takeSnapshot(id);
    await cloud.advance(1_000);
    await cloud.evs('DELETE', `/cloudsnapshots/${snapshot}`);
    expect(await codeOf(id, 'ESSD')).toBe('EVS.5400');
    await cloud.advance(1_000);
    expect(await codeOf(id, 'ESSD')).toBeUndefined();
  });

  it('takes ten at a time, and as many as the quota of the type has room for', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 11; count += 1) ids.push(await made());
    await cloud.switch('PUT', `/projects/${cloud.projectId}`, { quota: { volumes_ESSD: 10, volumes: 11 } });
    for (const id of ids.slice(0, 10)) expect(await codeOf(id, 'ESSD')).toBeUndefined();
    expect(await codeOf(ids[10] ?? '', 'GPSSD')).toBe('EVS.5400');
    await cloud.advance(1_000);
    expect(await codeOf(ids[10] ?? '', 'ESSD')).toBe('EVS.1034');
    expect(await codeOf(ids[10] ?? '', 'GPSSD')).toBeUndefined();
  });

  it('leaves the disk as it was when it fails', async () => {
    const id = await made();
    await cloud.faults({ kind: 'job-failed', match: { operation: 'disks.retype' } });
    const { body } = await retype(id, 'ESSD');
    await cloud.advance(1_000);
    expect((await cloud.job(body.job_id)).body).toMatchObject({ status: 'FAIL', error_code: 'EVS.5500' });
    expect(await cloud.volume(id)).toMatchObject({ status: 'available' });
    expect(await typeOf(id)).toBe('SSD');
    expect(await cloud.quota('volumes_ESSD')).toMatchObject({ reserved: 0, in_use: 0 });
  });

  it('is shown under another name, where the documents name none', async () => {
    await cloud.switch('POST', '/readings', { retypeStatus: 'changing-disk-type' });
    const id = await made();
    await retype(id, 'ESSD');
    expect(await cloud.volume(id)).toMatchObject({ status: 'changing-disk-type' });
  });
});
