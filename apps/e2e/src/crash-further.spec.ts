import { randomInt } from 'node:crypto';
import type { FaultSpec } from '@strata/simulator';
import { afterAll, describe, expect, it, onTestFailed } from 'vitest';
import { Client, type Disk, type Finding, type Operation, type Snapshot } from './harness/client.js';
import { stepPoints } from './harness/crash-plan.js';
import { DeadlyWorld, latestSeconds, longer } from './harness/deadly-world.js';
import { errands, type Left, type Surroundings } from './harness/errands.js';
import { eventually } from './harness/eventually.js';
import { PatientCaller } from './harness/patient-caller.js';
import { expectInvariants, untilFollowed } from './harness/what-must-hold.js';

const kinds = Object.keys(errands) as readonly (keyof typeof errands)[];
/** Each errand so often in each of two projects; then on until everything was died at, which is bounded too. */
const times = { least: longer, most: 4 * longer };
const atOnce = 12;
const violence = { kills: 10 * longer, pauses: 4 * longer, patienceMs: 10_000 };

/** Sent once: counted by itself. */
const once = 'snapshots.rollback';
const writes = [
  ...(['disks.create', 'disks.delete', 'disks.extend', 'tags.change', 'metadata.merge'] as const),
  ...(['volumes.update', 'volumes.action', 'servers.attach', 'servers.detach'] as const),
  ...(['snapshots.create', 'snapshots.update', 'snapshots.delete', 'snapshotMetadata.*'] as const),
];
const looks = [
  ...(['disks.get', 'disks.list', 'jobs.get', 'serverJobs.get', 'volumes.get', 'volumes.list'] as const),
  ...(['tags.search', 'snapshots.get', 'snapshots.list', 'images.*'] as const),
];
/** Rarer than in `crash.spec.ts`: much of this takes several calls in a row, and begins anew when one of them comes to nothing. */
const faults: readonly FaultSpec[] = [
  { kind: 'drop-answer', probability: 0.4, match: { operation: once } },
  { kind: 'drop-request', probability: 0.2, match: { operation: once } },
  { kind: 'drop-answer', probability: 0.1, match: { operation: [...writes] } },
  { kind: 'error-after-accept', probability: 0.05, match: { operation: [...writes] } },
  { kind: 'drop-request', probability: 0.04, match: { operation: [...writes, ...looks] } },
  { kind: 'hang', ms: 1_500, probability: 0.01, match: { operation: [...writes, ...looks] } },
  { kind: 'throttle', probability: 0.02, match: { operation: [...writes, ...looks] } },
  { kind: 'bad-gateway', probability: 0.02, match: { operation: [...writes, ...looks] } },
  { kind: 'job-lost', probability: 0.05, match: { operation: [...writes] } },
  { kind: 'tag-search-off', probability: 0.2 },
  { kind: 'metadata-filter-ignored', probability: 0.2 },
  { kind: 'stale-list', seconds: 1, probability: 0.5 },
  { kind: 'late-effect', seconds: latestSeconds / 2, probability: 0.1, match: { operation: [...writes] } },
  { kind: 'late-effect', seconds: latestSeconds, probability: 0.2, match: { operation: [...writes] } },
];

let world: DeadlyWorld | undefined;
let failed = false;
afterAll(() => world?.end({ keepLogs: failed }));

/** The parties, the way to the binding, and what of the cloud an errand uses. */
const surroundings = async ({ services }: DeadlyWorld, ended: Operation[]) => {
  const { seeded, cloud, apiUrl, alpha, beta, admin } = services;
  const { root } = seeded.projects;
  const setUp = new PatientCaller(admin, root, 'set-up', ended);
  const person = async (name: string): Promise<Client> => {
    const issue = { name, role: 'platform-admin' };
    const { token } = await setUp.told<{ token: string }>('POST', `/v1/projects/${root}/tokens`, issue);
    return new Client(apiUrl, token);
  };
  const [platform, second] = [await person('first'), await person('second')];
  const { id: kept } = await setUp.told<{ id: string }>('POST', '/v1/projects', { name: 'kept', parentId: root });
  await setUp.told('PATCH', `/v1/projects/${kept}`, { graceHours: 1 });
  await services.raiseLimits(kept);
  const { items: images } = await setUp.until<{
    items: readonly { id: string; minDiskGiB: number; purpose: string; status: string }[];
  }>(`/v1/projects/${kept}/images`, ({ items }) => items.length > 0);
  const image = images.find(({ purpose, status }) => purpose === 'system-disk' && status === 'active');
  if (image === undefined) throw new Error('there is no image for a system disk');
  const common = {
    ...{ cloud, image, serverId: await cloud.serverIn('eu-de-01') },
    binding: `/v1/bindings/${seeded.bindings.simulator}`,
  };
  const owners = [
    { client: alpha, projectId: seeded.projects.alpha },
    { client: beta, projectId: seeded.projects.beta },
  ] as const;
  return (name: string, first: 0 | 1): Surroundings => {
    const caller = ({ client, projectId }: { client: Client; projectId: string }) =>
      new PatientCaller(client, projectId, name, ended);
    return {
      ...{ ...common, name, mine: caller(owners[first]), theirs: caller(owners[first === 0 ? 1 : 0]) },
      ...{ kept: caller({ client: admin, projectId: kept }), platform: caller({ client: platform, projectId: root }) },
      second: caller({ client: second, projectId: root }),
    };
  };
};

/** Errands in turn, some at a time, until there were enough of each and nothing more is to come. */
const runErrands = async (
  around: Awaited<ReturnType<typeof surroundings>>,
  enough: () => Promise<boolean>,
): Promise<{ readonly left: readonly Left[]; readonly run: number }> => {
  const perTime = kinds.length * 2;
  let next = 0;
  const lane = async (): Promise<readonly Left[]> => {
    const left: Left[] = [];
    while (next < perTime * times.least || (next < perTime * times.most && !(await enough()))) {
      const n = next++;
      const kind = kinds[n % kinds.length] ?? 'transfer';
      const owner = Math.floor(n / kinds.length) % 2 === 0 ? 0 : 1;
      const name = `${kind}-${n}`;
      left.push(
        await errands[kind](around(name, owner)).catch((cause: unknown) => {
          throw new Error(`errand ${name}`, { cause });
        }),
      );
    }
    return left;
  };
  const lanes = await Promise.all(Array.from({ length: atOnce }, lane));
  return { left: lanes.flat(), run: next };
};

/** The disks of others that nobody asked anything of: two, and a snapshot of one. */
const plantStrangers = async ({ services: { cloud } }: DeadlyWorld) => {
  const disks = await cloud.plant({ name: 'left-alone', count: 2 });
  return { disks, snapshots: [await cloud.plantSnapshot(disks[0] ?? '', 'left-alone')] };
};

describe('a world in which everything dies at every moment, of all that can be asked for', () => {
  it('ends with exactly what was asked for, and every operation ended', { timeout: longer * 900_000 }, async () => {
    const seed = randomInt(2 ** 31);
    onTestFailed(() => {
      failed = true;
      process.stdout.write(`seed ${seed}; logs are kept in ${world?.services.folder ?? 'none'}\n`);
    });
    const dying = await DeadlyWorld.start(seed, violence);
    world = dying;
    const { services, chaos } = dying;
    const { cloud, admin } = services;
    const ended: Operation[] = [];
    const around = await surroundings(dying, ended);
    await cloud.jobsTake(300);
    const strangers = await plantStrangers(dying);
    await cloud.faults(faults, seed);
    const enough = async () => chaos.done >= 1 && (await dying.hitAll());
    const [{ left, run }] = await Promise.all([runErrands(around, enough), chaos.run()]);
    const hit = await dying.plan.hit();
    const fired = await cloud.fired();
    await cloud.faults([]);
    await dying.twoSweeps();
    await untilFollowed(dying);
    const account = [...(await dying.account(hit, fired)), `  errands: ${run}, operations: ${ended.length}`];
    process.stdout.write(`${account.join('\n')}\n`);
    expect(new Set(hit.map(({ point }) => point))).toEqual(new Set(stepPoints));
    const cameUp = new Set(fired.filter(({ fired: n }) => n > 0).map(({ kind }) => kind));
    expect([...cameUp]).toEqual(expect.arrayContaining(['drop-answer', 'drop-request', 'stale-list', 'late-effect']));

    // I3: in the cloud what Strata lists and what others made, in Strata what the errands left, and nothing beside.
    const wanted = left.flatMap(({ disks = [] }) => disks);
    const disks = await eventually('the list of disks has caught up', async () => {
      const all = await admin.all<Disk>('/v1/disks');
      const isRestless = ({ status }: Disk) => status !== 'available' && status !== 'in-use';
      return all.length === wanted.length && !all.some(isRestless) ? all : undefined;
    }).catch(() => admin.all<Disk>('/v1/disks'));
    const byId = new Map(disks.map((disk) => [disk.id, disk]));
    expect([...byId.keys()].toSorted()).toEqual(wanted.map(({ id }) => id).toSorted());
    for (const disk of wanted) expect(byId.get(disk.id)).toMatchObject(disk);
    const there = new Map((await cloud.disks()).map((disk) => [disk.id, disk]));
    const ours = disks.map((disk) => disk.cloud?.id ?? '');
    expect([...there.keys()].toSorted()).toEqual([...ours, ...strangers.disks].toSorted());
    for (const { name, sizeGiB, type, status, bootable, cloud: own } of disks)
      expect(there.get(own?.id ?? '')).toMatchObject({ name, size: sizeGiB, volumeType: type, status, bootable });

    const wantedSnapshots = left.flatMap(({ snapshots = [] }) => snapshots);
    const snapshots = await admin.all<Snapshot>('/v1/snapshots').catch(() => []);
    const snapshotsById = new Map(snapshots.map((snapshot) => [snapshot.id, snapshot]));
    expect([...snapshotsById.keys()].toSorted()).toEqual(wantedSnapshots.map(({ id }) => id).toSorted());
    for (const snapshot of wantedSnapshots) expect(snapshotsById.get(snapshot.id)).toMatchObject(snapshot);
    expect((await cloud.snapshots()).map(({ id }) => id).toSorted()).toEqual(
      [...snapshots.map((snapshot) => snapshot.cloud?.id ?? ''), ...strangers.snapshots].toSorted(),
    );

    const images = await cloud.images();
    for (const { name, certain } of left.flatMap((each) => each.images ?? [])) {
      const found = images.filter((each) => each.name === name).length;
      expect({ name, found }).toEqual({ name, found: certain ? 1 : Math.min(found, 1) });
    }
    // Rolled back at most once for each operation that was to.
    const rolledBack = (await cloud.effects(once)) + (fired[0]?.fired ?? 0);
    expect(rolledBack).toBeLessThanOrEqual(ended.filter(({ kind }) => kind === 'snapshot.rollback').length);

    // Nobody is unknown but those who were never ours, and those were not touched.
    const open = await admin.all<Finding>(`${around('end', 0).binding}/findings?status=open`);
    const others = new Set([...strangers.disks, ...strangers.snapshots]);
    const isTheirs = ({ kind, cloud: { id } }: Finding) => kind === 'unknown' && others.has(id);
    expect(open.filter((finding) => !isTheirs(finding))).toEqual([]);
    expect(open).toHaveLength(others.size);
    await expectInvariants(dying);
  });
});
