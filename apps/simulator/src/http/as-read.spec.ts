import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { enter, type CloudClient } from '../cloud-client.js';
import { startSimulator, type Simulator } from '../simulator.js';

let simulator: Simulator;
let cloud: CloudClient;
beforeAll(async () => {
  simulator = await startSimulator({ jobMs: 0 });
});
afterAll(() => simulator.close());
beforeEach(async () => {
  await fetch(`${simulator.url}/_simulator/reset`, { method: 'POST' });
  cloud = await enter(simulator);
});

const read = (readings: Readonly<Record<string, string>>) => cloud.switch('POST', '/readings', readings);
const noDisks = () => cloud.switch('PUT', `/projects/${cloud.projectId}`, { quota: { volumes: 0 } });

describe('what the documents leave open', () => {
  it('is the code of too little quota (§10.9)', async () => {
    await noDisks();
    const refused = async () => {
      const { status, body } = await cloud.create();
      return [status, (body as unknown as { error: { code: string } }).error.code];
    };
    expect(await refused()).toEqual([400, 'EVS.1034']);
    await read({ overQuota: 'over-limit' });
    expect(await refused()).toEqual([413, 'EVS.5413']);
  });

  it('is whether a job says it, which leaves nothing (§10.9)', async () => {
    await noDisks();
    await read({ overQuota: 'by-job' });
    const { status, body } = await cloud.create();
    expect(status).toBe(200);
    expect((await cloud.job(body.job_id)).body).toMatchObject({ status: 'FAIL', error_code: 'EVS.1034' });
    expect((await cloud.list()).count).toBe(0);
    expect(await cloud.quota('volumes')).toMatchObject({ reserved: 0, in_use: 0 });
  });

  it('is the spelling of faults (§10.10)', async () => {
    const nobody = `/volumes/00000000-0000-4000-8000-000000000000`;
    expect((await cloud.evs('GET', nobody)).body).toMatchObject({ itemNotFound: { code: 404 } });
    await read({ faultNames: 'lower-case', faultCodes: 'text' });
    expect((await cloud.evs('GET', nobody)).body).toMatchObject({ itemnotfound: { code: '404' } });
  });

  it('is whether lists tell of encryption (§10.11)', async () => {
    const id = await cloud.disk();
    expect((await cloud.list()).volumes[0]).toHaveProperty('encrypted', false);
    await read({ encryptedInLists: 'absent' });
    expect((await cloud.list()).volumes[0]).not.toHaveProperty('encrypted');
    expect(await cloud.volume(id)).toHaveProperty('encrypted');
  });

  it('is the number of the first disk of a batch (§10.13)', async () => {
    await read({ batchNumbers: 'from-0' });
    await cloud.create({ name: 'shard', count: 2 });
    expect((await cloud.list()).volumes.map(({ name }) => name)).toEqual(['shard-0001', 'shard-0000']);
  });

  it('is whether GPSSD has a quota of its own (§10.16)', async () => {
    expect(await cloud.quota('volumes_GPSSD')).toMatchObject({ in_use: 0 });
    await read({ gpssdQuota: 'absent' });
    await expect(cloud.quota('volumes_GPSSD')).rejects.toThrow('no quota');
    expect(await cloud.quota('volumes_SSD')).toMatchObject({ in_use: 0 });
  });

  it('is the status of one action among others (§10.18)', async () => {
    const path = `/volumes/${await cloud.disk()}/action`;
    const setBootable = () => cloud.evs('POST', path, { 'os-set_bootable': { bootable: true } });
    expect((await setBootable()).status).toBe(200);
    await read({ setBootable: '202' });
    expect((await setBootable()).status).toBe(202);
  });

  it('is the t in the time of a snapshot (§10.19)', async () => {
    const id = await cloud.takeSnapshot(await cloud.disk());
    expect((await cloud.snapshot(id)).created_at).toMatch(/^\d{4}-\d\d-\d\dT/);
    await read({ snapshotTimes: 'lower-case' });
    expect((await cloud.snapshot(id)).created_at).toMatch(/^\d{4}-\d\d-\d\dt/);
  });
});
