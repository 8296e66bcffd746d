import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CloudClient, enter } from '../cloud-client.js';
import { startSimulator, type Simulator } from '../simulator.js';

let simulator: Simulator;
let cloud: CloudClient;

beforeAll(async () => {
  simulator = await startSimulator({ jobMs: 0 });
});
beforeEach(async () => {
  await fetch(`${simulator.url}/_simulator/reset`, { method: 'POST' });
  cloud = await enter(simulator);
});
afterAll(() => simulator.close());

interface State {
  readonly readings: Readonly<Record<string, string>>;
  readonly projects: readonly {
    readonly snapshots: readonly { readonly id: string; readonly diskId: string; readonly name: string | null }[];
  }[];
}
const snapshots = async () => (await cloud.switch<State>('GET', '/state')).body.projects[0]?.snapshots;

describe('behind everybody’s back', () => {
  it('a snapshot comes, changes and goes, and the quota with it', async () => {
    const diskId = await cloud.disk({ size: 20 });
    const made = await cloud.switch<{ id: string }>('POST', `/disks/${diskId}/snapshots`, { name: 'theirs' });
    expect(made.status).toBe(200);
    expect(await snapshots()).toMatchObject([{ id: made.body.id, diskId, name: 'theirs', status: 'available' }]);
    expect(await cloud.quota('gigabytes')).toMatchObject({ in_use: 40 });
    await cloud.switch('PATCH', `/snapshots/${made.body.id}`, { name: 'renamed', metadata: { k: 'v' } });
    expect(await cloud.snapshot(made.body.id)).toMatchObject({ name: 'renamed', metadata: { k: 'v' } });
    await cloud.switch('DELETE', `/snapshots/${made.body.id}`);
    expect(await snapshots()).toEqual([]);
    expect(await cloud.quota('gigabytes')).toMatchObject({ in_use: 20 });
  });

  it('a disk goes with its snapshots', async () => {
    const diskId = await cloud.disk();
    await cloud.takeSnapshot(diskId);
    await cloud.switch('POST', `/disks/${diskId}`, { delete: true });
    expect(await snapshots()).toEqual([]);
    expect(await cloud.quota('snapshots')).toMatchObject({ in_use: 0 });
  });

  it('the system is installed again, and the snapshots of that disk are gone', async () => {
    const [system, data] = [await cloud.disk(), await cloud.disk()];
    await cloud.evs('POST', `/volumes/${system}/action`, { 'os-set_bootable': { bootable: true } });
    const lost = await cloud.takeSnapshot(system);
    const kept = await cloud.takeSnapshot(data);
    const { body } = await cloud.switch('POST', `/disks/${system}/reinstall`);
    expect(body).toEqual({ id: system, lostSnapshots: [lost] });
    expect(await snapshots()).toMatchObject([{ id: kept }]);
    expect(await cloud.volume(system)).toMatchObject({ status: 'available' });
    expect((await cloud.switch('POST', `/disks/${data}/reinstall`)).status).toBe(400);
  });

  it('nothing happens to what is not there, or is asked for wrongly', async () => {
    const nobody = '5d0c7a3e-91b4-4f6a-8a27-3be1f0c9d412';
    expect((await cloud.switch('POST', `/disks/${nobody}/snapshots`, {})).status).toBe(404);
    expect((await cloud.switch('DELETE', `/snapshots/${nobody}`)).status).toBe(404);
    const id = await cloud.takeSnapshot(await cloud.disk());
    for (const wrong of [{}, { status: 'tired' }, { size: 5 }])
      expect((await cloud.switch('PATCH', `/snapshots/${id}`, wrong)).status).toBe(400);
  });
});

describe('the readings of contradictions', () => {
  it('are shown, changed one by one, and as documented again after a reset', async () => {
    const documented = (await cloud.switch('GET', '/readings')).body;
    expect(await cloud.switch('POST', '/readings', { rollback: 'not-offered' })).toMatchObject({
      status: 200,
      body: { ...(documented as object), rollback: 'not-offered' },
    });
    expect((await cloud.switch<State>('GET', '/state')).body.readings).toMatchObject({ rollback: 'not-offered' });
    for (const wrong of [{}, { rollback: 'perhaps' }, { other: 'x' }])
      expect((await cloud.switch('POST', '/readings', wrong)).status).toBe(400);
    await cloud.switch('POST', '/reset');
    expect((await cloud.switch('GET', '/readings')).body).toEqual(documented);
  });
});
