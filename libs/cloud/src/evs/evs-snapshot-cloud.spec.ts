import { DEFAULT_QUOTA, REGION, startSimulator, type FaultSpec, type Seed } from '@strata/simulator';
import { describe, expect, it } from 'vitest';
import { startScriptedCloud } from '../contract/scripted-cloud.js';
import type { ReceivedRequest, ScriptedAnswer } from '../contract/scripted-server.js';
import { snapshotContract, take, type WithSnapshots } from '../contract/snapshot-contract.js';
import { makeDisk, soon, type CloudOnTrial } from '../contract/trial.js';
import type { EvsAccess } from '../disk-cloud.js';
import { EvsDiskCloud } from './evs-disk-cloud.js';

interface Simulated extends CloudOnTrial, WithSnapshots {
  readonly access: EvsAccess;
  readonly tell: (path: string, body: object) => Promise<void>;
}

const byPassword = ({ domain, user }: Seed): EvsAccess['credentials'] => ({
  domain: domain.name,
  user: user.name,
  password: user.password,
});

const byKeys =
  (signature: 'simple' | 'scoped') =>
  ({ accessKeys: [keys] }: Seed): EvsAccess['credentials'] => {
    if (keys === undefined) throw new Error('the simulator knows no access key');
    return { ...keys, signature };
  };

const openFor = (credentialsOf: (seed: Seed) => EvsAccess['credentials']) => async (): Promise<Simulated> => {
  const project = { id: '3f8a1c27d94e4b60a5127c9e0b6d1f42', name: 'eu-de_contract', quota: DEFAULT_QUOTA };
  const simulator = await startSimulator({ jobMs: 20, seed: { projects: [project] } });
  const access: EvsAccess = {
    kind: 'evs',
    region: REGION,
    endpoints: { iam: simulator.url, evs: simulator.url },
    cloudProjectId: project.id,
    credentials: credentialsOf(simulator.seed),
  };
  const cloud = new EvsDiskCloud(access, { retryPauseMs: 1 });
  return {
    cloud,
    access,
    snapshots: cloud.snapshots,
    rollsBack: true,
    place: { type: 'SSD', availabilityZone: 'eu-de-01' },
    patienceMs: 10_000,
    tell: async (path, body) => {
      const headers = { 'content-type': 'application/json' };
      const url = `${simulator.url}/_simulator/${path}`;
      const { ok } = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
      if (!ok) throw new Error(`${path} was not understood`);
    },
    close: async () => {
      await simulator.close();
      await cloud.close();
    },
  };
};

const open = openFor(byPassword);

describe.each([
  ['the token of a user', open],
  ['keys that sign in the simple form', openFor(byKeys('simple'))],
  ['keys that sign in the scoped form', openFor(byKeys('scoped'))],
])('with %s,', (_, opened) => snapshotContract(opened));

const fault = async ({ tell }: Simulated, spec: FaultSpec): Promise<void> => tell('faults', { faults: [spec] });

/** Runs a test with one disk in a cloud of its own. */
const withDisk = async (test: (trial: Simulated, cloudDiskId: string) => Promise<void>): Promise<void> => {
  const trial = await open();
  try {
    await test(trial, (await makeDisk(trial)).cloudId);
  } finally {
    await trial.close();
  }
};

const marker = '0198c0de-0000-7000-8000-000000000001.1';
const wishFor = (cloudDiskId: string) => ({
  marker,
  cloudDiskId,
  name: 'n',
  description: '',
  force: true,
  metadata: {},
});

describe('the snapshots of EVS', () => {
  it.each(['drop-answer', 'error-after-accept'] as const)(
    'are found by their marker when the answer was lost (%s)',
    (kind) =>
      withDisk(async (trial, cloudDiskId) => {
        await fault(trial, { kind, match: { operation: 'snapshots.create' }, times: 1 });
        const sent = await trial.snapshots.createSnapshot(wishFor(cloudDiskId), soon);
        expect(sent.outcome).toBe('unknown');
        expect(await trial.snapshots.findSnapshotsByMarker(marker, cloudDiskId)).toMatchObject([{ marker }]);
      }),
  );

  it('are not taken by a call that was turned away', () =>
    withDisk(async (trial, cloudDiskId) => {
      await fault(trial, { kind: 'throttle', match: { operation: 'snapshots.create' }, times: 1 });
      const sent = await trial.snapshots.createSnapshot(wishFor(cloudDiskId), soon);
      expect(sent).toMatchObject({ outcome: 'not-now', why: 'throttled' });
      expect(await trial.snapshots.findSnapshotsOfDisk(cloudDiskId)).toEqual([]);
    }));

  it('are refused past the quota by name', () =>
    withDisk(async (trial, cloudDiskId) => {
      await trial.tell('readings', { snapshotLimit: 'over-limit' });
      for (let nth = 1; nth <= 7; nth += 1) await trial.snapshots.createSnapshot(wishFor(cloudDiskId), soon);
      expect(await trial.snapshots.createSnapshot(wishFor(cloudDiskId), soon)).toMatchObject({
        outcome: 'refused',
        reason: 'cloud-quota-exceeded',
      });
    }));

  it('are rolled back to by the call that the binding names, and by none where that is off', () =>
    withDisk(async (trial, cloudDiskId) => {
      const { cloudId } = await take(trial, wishFor(cloudDiskId));
      const rolledBack = async (rollback: 'os-vendor-snapshots' | 'off') => {
        const cloud = new EvsDiskCloud({ ...trial.access, rollback }, { retryPauseMs: 1 });
        const answer = await cloud.snapshots.rollBack(cloudId, cloudDiskId, soon);
        await cloud.close();
        return answer;
      };
      expect(await rolledBack('off')).toMatchObject({ outcome: 'refused', reason: 'rollback-not-offered' });
      expect(await rolledBack('os-vendor-snapshots')).toMatchObject({ outcome: 'accepted' });
    }));

  it('are not rolled back to where the cloud does not offer it', () =>
    withDisk(async (trial, cloudDiskId) => {
      await trial.tell('readings', { rollback: 'not-offered' });
      const sent = await trial.snapshots.createSnapshot(wishFor(cloudDiskId), soon);
      const cloudId = sent.outcome === 'accepted' ? (sent.cloudId ?? '') : '';
      expect(await trial.snapshots.rollBack(cloudId, cloudDiskId, soon)).toMatchObject({
        outcome: 'refused',
        reason: 'rollback-not-offered',
        fault: { code: 'APIG.0101' },
      });
    }));
});

describe('the list of snapshots', () => {
  const snapshot = (id: string) => ({ id, volume_id: 'v', status: 'available', size: 10, name: id });
  const next = (marker: string) => [
    { rel: 'next', href: `http://inside.invalid/v2/p/snapshots/detail?marker=${marker}` },
  ];
  const markerOf = ({ path }: ReceivedRequest) => new URLSearchParams(path.split('?')[1]).get('marker');

  const listed = async (pages: readonly object[]) => {
    const call = (_: ReceivedRequest, nth: number): ScriptedAnswer => ({ status: 200, body: pages[nth - 1] });
    const scripted = await startScriptedCloud({ call });
    const cloud = new EvsDiskCloud(scripted.access, { retryPauseMs: 1 });
    const ids: string[] = [];
    try {
      for await (const page of cloud.snapshots.listSnapshots()) ids.push(...page.map(({ cloudId }) => cloudId));
    } finally {
      await cloud.close();
      await scripted.close();
    }
    return { ids, markers: scripted.calls().map(markerOf) };
  };

  it('is read on where a short page has a next link: the cloud’s own limit is below ours', async () => {
    const pages = [
      { snapshots: [snapshot('c'), snapshot('b')], snapshots_links: next('b') },
      { snapshots: [snapshot('a')], snapshots_links: [] },
    ];
    expect(await listed(pages)).toEqual({ ids: ['c', 'b', 'a'], markers: [null, 'b'] });
  });

  it('ends with a short page without one, and where links turn in a circle', async () => {
    expect(await listed([{ snapshots: [snapshot('a')] }])).toEqual({ ids: ['a'], markers: [null] });
    const circle = { snapshots: [snapshot('a')], snapshots_links: next('a') };
    await expect(listed([circle, circle, circle])).rejects.toMatchObject({ fault: { code: 'endless-list' } });
  });
});
