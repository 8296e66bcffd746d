import { randomInt } from 'node:crypto';
import type { FaultSpec } from '@strata/simulator';
import { afterAll, describe, expect, it, onTestFailed } from 'vitest';
import type { Disk, Finding, Snapshot } from './harness/client.js';
import { stepPoints } from './harness/crash-plan.js';
import { DeadlyWorld, latestSeconds, longer } from './harness/deadly-world.js';
import { changedTags, DiskTraffic, retypedTo } from './harness/disk-traffic.js';
import { eventually } from './harness/eventually.js';
import { expectInvariants, untilFollowed } from './harness/what-must-hold.js';

/** A server takes 24 disks: fewer attachments than that. */
const work = { creates: 200 * longer, deletes: 100 * longer, ofEachKind: 15 };
const violence = { kills: 50 * longer, pauses: 20 * longer, patienceMs: 4_000 };

const writes = [
  ...(['disks.create', 'disks.delete', 'disks.extend', 'disks.retype'] as const),
  ...(['snapshots.create', 'tags.change', 'servers.attach'] as const),
];
const looks = ['disks.get', 'jobs.get', 'volumes.list', 'tags.search', 'snapshots.list'] as const;
const faults: readonly FaultSpec[] = [
  { kind: 'drop-answer', probability: 0.15, match: { operation: [...writes] } },
  { kind: 'error-after-accept', probability: 0.1, match: { operation: [...writes] } },
  { kind: 'drop-request', probability: 0.15, match: { operation: [...writes, ...looks] } },
  { kind: 'hang', ms: 1_500, probability: 0.03, match: { operation: [...writes, ...looks] } },
  { kind: 'throttle', probability: 0.05, match: { operation: [...writes, ...looks] } },
  { kind: 'bad-gateway', probability: 0.03, match: { operation: [...writes, ...looks] } },
  { kind: 'gateway-timeout', probability: 0.03, match: { operation: [...writes, ...looks] } },
  { kind: 'job-lost', probability: 0.05, match: { operation: [...writes] } },
  { kind: 'tag-search-off', probability: 0.2 },
  { kind: 'metadata-filter-ignored', probability: 0.2 },
  { kind: 'stale-list', seconds: 1.5 },
  { kind: 'late-effect', seconds: latestSeconds / 2, probability: 0.1, match: { operation: [...writes] } },
  { kind: 'late-effect', seconds: latestSeconds, probability: 0.15, match: { operation: [...writes] } },
];

let world: DeadlyWorld | undefined;
let failed = false;
afterAll(() => world?.end({ keepLogs: failed }));

describe('a world in which everything dies at every moment', () => {
  it(
    'ends with exactly the disks that were asked for, and every operation ended',
    { timeout: longer * 600_000 },
    async () => {
      const seed = randomInt(2 ** 31);
      onTestFailed(() => {
        failed = true;
        process.stdout.write(`seed ${seed}; logs are kept in ${world?.services.folder ?? 'none'}\n`);
      });
      world = await DeadlyWorld.start(seed, violence);
      const { services, chaos } = world;
      const { cloud, seeded, alpha, beta, admin } = services;
      await cloud.jobsTake(300);
      await cloud.faults(faults, seed);
      const traffic = new DiskTraffic(
        [
          { client: alpha, projectId: seeded.projects.alpha },
          { client: beta, projectId: seeded.projects.beta },
        ],
        await cloud.serverIn('eu-de-01'),
        { ...work, pace: () => chaos.done },
      );
      await Promise.all([chaos.run(), traffic.run()]);
      const hit = await world.hitWithin(60_000);
      const fired = await cloud.fired();
      await cloud.faults([]);
      const ended = await traffic.untilAllEnded(120_000);
      await world.twoSweeps();
      await untilFollowed(world);
      process.stdout.write(`${[...(await world.account(hit, fired)), `  operations: ${ended.length}`].join('\n')}\n`);
      // Every named point was died at, and every fault but the stale list (which is a state) came up.
      expect(new Set(hit.map(({ point }) => point))).toEqual(new Set(stepPoints));
      expect(fired.filter(({ fired: n }) => n === 0)).toEqual([]);
      expect(ended.filter(({ status }) => status !== 'succeeded')).toEqual([]);

      // I3: one disk in the cloud for each that Strata lists, none beside, none adopted twice.
      const shown = await eventually('the list has caught up', async () => {
        const disks = await admin.all<Disk>('/v1/disks');
        return disks.length === work.creates - work.deletes &&
          disks.every(({ status }) => status === 'available' || status === 'in-use')
          ? disks
          : undefined;
      });
      const there = await cloud.disks();
      expect(there.map(({ id }) => id).toSorted()).toEqual(shown.map((disk) => disk.cloud?.id).toSorted());
      // Each further command had its effect on its own disk, once, and on no other.
      const { further } = traffic;
      const inCloud = new Map(there.map((disk) => [disk.id, disk]));
      for (const { id, sizeGiB, type, status, cloud: own } of shown) {
        const seen = inCloud.get(own?.id ?? '');
        expect({ sizeGiB, type, status }).toEqual({
          sizeGiB: further.extend.has(id) ? 20 : 10,
          type: further.retype.has(id) ? retypedTo : 'SSD',
          status: further.attach.has(id) ? 'in-use' : 'available',
        });
        expect({ size: seen?.size, type: seen?.volumeType, servers: seen?.attachments.length }).toEqual({
          ...{ size: sizeGiB, type, servers: further.attach.has(id) ? 1 : 0 },
        });
        expect(seen?.tags['crash']).toBe(further.change.has(id) ? changedTags.crash : undefined);
      }
      const snapshots = await eventually('the list of snapshots has caught up', async () => {
        const all = await admin.all<Snapshot>('/v1/snapshots');
        return all.length === further.snapshot.size && all.every(({ status }) => status === 'available')
          ? all
          : undefined;
      });
      const kept = await cloud.snapshots();
      expect(kept.map(({ id }) => id).toSorted()).toEqual(snapshots.map((each) => each.cloud?.id).toSorted());
      expect(new Set(snapshots.map(({ diskId }) => diskId))).toEqual(further.snapshot);
      expect(
        await world.rows(`select stream from events where type = 'DiskProvisioned'
                     group by stream having count(distinct data->>'cloudId') > 1`),
      ).toEqual([]);

      // Two sweeps later nothing is unknown, and nothing otherwise than the log says.
      expect(await admin.all<Finding>(`/v1/bindings/${seeded.bindings.simulator}/findings?status=open`)).toEqual([]);

      // What is made twice and swept away is the rare exception: a process that was frozen in the middle of a write.
      expect(await world.surplusRemoved()).toBeLessThan(work.creates / 20);

      await expectInvariants(world);
    },
  );
});
