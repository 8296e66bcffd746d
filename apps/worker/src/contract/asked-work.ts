import { statusOf, type DiskSpec } from '@strata/disks';
import { DiskId, type OperationId } from '@strata/kernel';
import { v7 as newId } from 'uuid';
import { expect } from 'vitest';
import type { MovedClock } from './moved-clock.js';
import { SnapshotWork } from './snapshot-work.js';
import type { Strangers } from './strangers.js';
import { spec, type WorkUnderTest } from './work-under-test.js';

/** Public in the simulator from the start. */
const imageId = '4c1a9f70-6b2e-4d83-9e15-a07c3d8f5b21';

export interface Asked {
  readonly operationId: OperationId;
  /** Expects that it took effect, once. */
  readonly effect: () => Promise<void>;
  /** How often it took effect, of what is sent once and may end without anybody knowing. */
  readonly times?: () => Promise<number>;
}

interface Provisioned {
  readonly diskId: DiskId;
  readonly cloudId: string;
}

interface State {
  readonly images: readonly { readonly name: string }[];
  readonly projects: readonly { readonly disks: readonly Seen[]; readonly snapshots: readonly Seen[] }[];
}
interface Seen {
  readonly metadata: Readonly<Record<string, string>>;
}

/** One operation of each kind that reaches the cloud, asked for on things of its own. */
export class AskedWork {
  constructor(
    private readonly work: WorkUnderTest,
    private readonly clock: MovedClock,
    private readonly strangers: Strangers,
    private readonly serverId: string,
  ) {}

  readonly kinds = {
    'disk.create': () => this.create({}),
    'disk.create of an image': () => this.create({ source: { imageId } }),
    'disk.recreate': () => this.recreate(),
    'disk.extend': () => this.extend(),
    'disk.retype': () => this.retype(),
    'disk.update': () => this.update(),
    'disk.attach': () => this.attach(),
    'disk.detach': () => this.detach(),
    'disk.image': () => this.image(),
    'disk.delete': () => this.remove(),
    'disk.adopt': () => this.adopt(),
    'finding.remove': () => this.removeStranger(),
    'snapshot.create': () => this.takeSnapshot(),
    'snapshot.update': () => this.changeSnapshot(),
    'snapshot.delete': () => this.removeSnapshot(),
    'snapshot.rollback': () => this.rollBack(),
  } as const satisfies Readonly<Record<string, () => Promise<Asked>>>;

  private async create(change: Partial<DiskSpec>): Promise<Asked> {
    const { projectId, bindingId } = this.work;
    const diskId = DiskId.parse(newId());
    const asked = { ...spec, ...change };
    const command = { type: 'RequestDisk', diskId, projectId, bindingId, spec: asked };
    const operationId = await this.work.request('disk.create', diskId, { diskId, ...asked }, command);
    const effect = async () => {
      expect(await this.markedBy(operationId)).toHaveLength(1);
      expect(statusOf(await this.work.diskNow(diskId))).toBe('available');
    };
    return { operationId, effect };
  }

  private async recreate(): Promise<Asked> {
    const disk = await this.provisioned();
    await this.work.simulate(`disks/${disk.cloudId}`, { delete: true });
    await this.clock.carryOut(await this.ask('disk.refresh', disk, {}, { type: 'RequestRefresh' }));
    const operationId = await this.ask('disk.recreate', disk, spec, { type: 'RequestRecreation' });
    return { operationId, effect: async () => expect(await this.markedBy(operationId)).toHaveLength(1) };
  }

  private async extend(): Promise<Asked> {
    const disk = await this.provisioned();
    const sizeGiB = 30;
    const operationId = await this.ask('disk.extend', disk, { sizeGiB }, { type: 'RequestExtension', sizeGiB });
    return { operationId, effect: () => this.expectDisk(disk, { sizeGiB }) };
  }

  private async retype(): Promise<Asked> {
    const disk = await this.provisioned();
    const input = { type: 'GPSSD', availabilityZone: spec.availabilityZone };
    const operationId = await this.ask('disk.retype', disk, input, { type: 'RequestRetype', diskType: 'GPSSD' });
    return { operationId, effect: () => this.expectDisk(disk, { type: 'GPSSD' }) };
  }

  private async update(): Promise<Asked> {
    const disk = await this.provisioned();
    const change = { name: 'renamed', tags: { team: 'ledger' }, bootable: true, readOnly: true };
    const operationId = await this.ask('disk.update', disk, { change }, { type: 'RequestChange', change });
    return {
      operationId,
      effect: () => this.expectDisk(disk, { ...change, tags: expect.objectContaining(change.tags) }),
    };
  }

  private async attach(): Promise<Asked> {
    const { serverId } = this;
    const disk = await this.provisioned();
    const operationId = await this.askToAttach(disk);
    const effect = async () => {
      await this.expectDisk(disk, { attachments: [expect.objectContaining({ serverId })] });
      // A server has room for 24.
      expect((await this.clock.carryOut(await this.askToDetach(disk))).operation.status).toBe('succeeded');
    };
    return { operationId, effect };
  }

  private async detach(): Promise<Asked> {
    const disk = await this.provisioned();
    await this.clock.carryOut(await this.askToAttach(disk));
    return { operationId: await this.askToDetach(disk), effect: () => this.expectDisk(disk, { attachments: [] }) };
  }

  private async image(): Promise<Asked> {
    const disk = await this.provisioned();
    const name = `image-of-${disk.diskId}`;
    const input = { name, format: 'zvhd2', os: 'linux', force: false };
    const operationId = await this.ask('disk.image', disk, input, { type: 'RequestImage', name });
    const times = async () => (await this.state()).images.filter((image) => image.name === name).length;
    return { operationId, times, effect: async () => expect(await times()).toBe(1) };
  }

  private async remove(): Promise<Asked> {
    const disk = await this.provisioned();
    const operationId = await this.ask('disk.delete', disk, {}, { type: 'RequestDeletion' });
    return { operationId, effect: () => this.expectGone(disk.cloudId) };
  }

  private async adopt(): Promise<Asked> {
    const finding = await this.strangers.found();
    const { operationId, diskId } = await this.strangers.askedToAdopt(finding, 'adopted');
    const effect = async () => {
      const marker: unknown = expect.stringContaining(operationId);
      await this.expectDisk({ cloudId: finding.cloudId }, { name: 'adopted', marker });
      expect(statusOf(await this.work.diskNow(diskId))).toBe('available');
    };
    return { operationId, effect };
  }

  private async removeStranger(): Promise<Asked> {
    const finding = await this.strangers.found();
    const operationId = await this.strangers.askedToRemove(finding);
    return { operationId, effect: () => this.expectGone(finding.cloudId) };
  }

  private async takeSnapshot(): Promise<Asked> {
    const of = new SnapshotWork(this.work, await this.provisioned());
    const { snapshotId, operationId } = await of.requestSnapshot();
    const effect = async () => {
      expect(await this.markedBy(operationId)).toHaveLength(1);
      expect(await of.snapshotNow(snapshotId)).toMatchObject({ life: 'in-cloud' });
    };
    return { operationId, effect };
  }

  private async changeSnapshot(): Promise<Asked> {
    const { of, snapshotId, cloudId } = await this.taken();
    const change = { name: 'renamed', metadata: { note: 'x' } };
    const command = { type: 'RequestChange', change };
    const operationId = await of.request('snapshot.update', snapshotId, { cloudId, change }, command);
    const effect = async () => expect(await this.work.cloud.snapshots.findSnapshot(cloudId)).toMatchObject(change);
    return { operationId, effect };
  }

  private async removeSnapshot(): Promise<Asked> {
    const { of, snapshotId, cloudId } = await this.taken();
    const operationId = await of.request('snapshot.delete', snapshotId, { cloudId }, { type: 'RequestDeletion' });
    return {
      operationId,
      effect: async () => expect(await this.work.cloud.snapshots.findSnapshot(cloudId)).toBeNull(),
    };
  }

  private async rollBack(): Promise<Asked> {
    const { of, disk, snapshotId, cloudId } = await this.taken();
    const input = { cloudId, cloudDiskId: disk.cloudId, wasBroken: false };
    const command = { type: 'RequestRollback' };
    const operationId = await of.request('snapshot.rollback', snapshotId, input, command, { ...command, snapshotId });
    const sent = async () => (await this.work.requests())['snapshots.rollback'] ?? 0;
    const before = await sent();
    const times = async () => (await sent()) - before;
    return { operationId, times, effect: async () => expect(await times()).toBe(1) };
  }

  /** A disk that was made and is in the cloud. */
  private async provisioned(): Promise<Provisioned> {
    const { diskId, operationId } = await this.work.requestDisk();
    await this.clock.carryOut(operationId);
    const disk = await this.work.diskNow(diskId);
    if (disk.life !== 'in-cloud') throw new Error(`the disk is ${disk.life}`);
    return { diskId, cloudId: disk.cloudId };
  }

  /** A snapshot of such a disk. */
  private async taken() {
    const disk = await this.provisioned();
    const of = new SnapshotWork(this.work, disk);
    const { snapshotId, operationId } = await of.requestSnapshot();
    await this.clock.carryOut(operationId);
    const snapshot = await of.snapshotNow(snapshotId);
    if (snapshot.life !== 'in-cloud') throw new Error(`the snapshot is ${snapshot.life}`);
    return { of, disk, snapshotId, cloudId: snapshot.cloudId };
  }

  private ask(kind: string, { diskId, cloudId }: Provisioned, input: object, command: object): Promise<OperationId> {
    return this.work.request(kind, diskId, { diskId, cloudId, ...input }, command);
  }

  private askToAttach(disk: Provisioned): Promise<OperationId> {
    const input = { serverId: this.serverId, device: null };
    return this.ask('disk.attach', disk, input, { type: 'RequestAttachment', ...input });
  }

  private askToDetach(disk: Provisioned): Promise<OperationId> {
    const input = { serverId: this.serverId };
    return this.ask('disk.detach', disk, input, { type: 'RequestDetachment', ...input });
  }

  private async expectDisk({ cloudId }: Pick<Provisioned, 'cloudId'>, as: object): Promise<void> {
    expect(await this.work.cloud.findDisk(cloudId)).toMatchObject(as);
  }

  private async expectGone(cloudId: string): Promise<void> {
    expect(await this.work.cloud.findDisk(cloudId)).toBeNull();
  }

  /** Disks and snapshots that the operation made, however late they show. */
  private async markedBy(operationId: string): Promise<readonly Seen[]> {
    const { projects } = await this.state();
    const all = projects.flatMap(({ disks, snapshots }) => [...disks, ...snapshots]);
    return all.filter(({ metadata }) => metadata['strata.marker']?.startsWith(operationId));
  }

  /** Everything that there is in the simulated cloud. */
  private async state(): Promise<State> {
    return (await (await fetch(`${this.work.simulator.url}/_simulator/state`)).json()) as State;
  }
}
