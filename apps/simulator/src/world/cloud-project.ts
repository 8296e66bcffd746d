import type { QuotaLimits } from '../options.js';
import { heldByDisk, heldBySnapshot, Ledger } from './ledger.js';
import { SetIndex } from './set-index.js';
import type { Slot } from './slot.js';
import type { Snapshot } from './snapshot.js';
import { Timeline } from './timeline.js';
import type { Server } from './server.js';
import { serversOf, type Volume } from './volume.js';

/** Index key of one entry of a map of strings. */
export const entryKey = (key: string, value: string): string => `${key}\u0000${value}`;

const isRetyping = (volume: Volume | null): boolean => volume?.transition?.kind === 'retype';

/** One cloud project: its disks in order of creation, found by name, metadata or tag, their snapshots, and its quota. */
export class CloudProject {
  readonly ledger: Ledger;
  readonly byName = new SetIndex<Slot<Volume>>();
  readonly byMetadata = new SetIndex<Slot<Volume>>();
  readonly byTag = new SetIndex<Slot<Volume>>();
  readonly byTagKey = new SetIndex<Slot<Volume>>();
  /** Disks by the server that has them, or is just getting them. */
  readonly byServer = new SetIndex<Slot<Volume>>();
  readonly servers = new Map<string, Server>();
  /** Tag key → value → how many disks carry it. */
  readonly tagValues = new Map<string, Map<string, number>>();
  /** How many disks are changing their type. */
  retyping = 0;
  readonly disks = new Timeline<Volume>();
  readonly snapshots = new Timeline<Snapshot>();
  private readonly byDisk = new SetIndex<Slot<Snapshot>>();

  constructor(
    readonly id: string,
    public name: string,
    limits: QuotaLimits,
    servers: readonly Server[],
  ) {
    this.ledger = new Ledger(limits);
    this.setServers(servers);
  }

  /** These servers and no others. */
  setServers(servers: readonly Server[]): void {
    this.servers.clear();
    for (const server of servers) this.servers.set(server.id, server);
  }

  replaced(slot: Slot<Volume>, before: Volume | null, after: Volume | null): void {
    this.disks.replaced(before, after);
    this.ledger.replace(before && heldByDisk(before), after && heldByDisk(after));
    this.retyping += Number(isRetyping(after)) - Number(isRetyping(before));
    if (before?.name !== after?.name) {
      if (before?.name != null) this.byName.remove(before.name, slot);
      if (after?.name != null) this.byName.add(after.name, slot);
    }
    if (before?.metadata !== after?.metadata) this.reindexMetadata(slot, before, after);
    if (before?.tags !== after?.tags) this.reindexTags(slot, before, after);
    for (const serverId of before ? serversOf(before) : []) this.byServer.remove(serverId, slot);
    for (const serverId of after ? serversOf(after) : []) this.byServer.add(serverId, slot);
  }

  snapshotReplaced(slot: Slot<Snapshot>, before: Snapshot | null, after: Snapshot | null): void {
    this.snapshots.replaced(before, after);
    this.ledger.replace(before && heldBySnapshot(before), after && heldBySnapshot(after));
    if (!before && after) this.byDisk.add(after.volumeId, slot);
    if (before && !after) this.byDisk.remove(before.volumeId, slot);
  }

  /** The snapshots of a disk, newest first. */
  snapshotsOf(volumeId: string): readonly Snapshot[] {
    return [...(this.byDisk.get(volumeId) ?? [])].flatMap(({ current }) => current ?? []).sort((a, b) => b.seq - a.seq);
  }

  private reindexMetadata(slot: Slot<Volume>, before: Volume | null, after: Volume | null): void {
    for (const [key, value] of Object.entries(before?.metadata ?? {}))
      this.byMetadata.remove(entryKey(key, value), slot);
    for (const [key, value] of Object.entries(after?.metadata ?? {})) this.byMetadata.add(entryKey(key, value), slot);
  }

  private reindexTags(slot: Slot<Volume>, before: Volume | null, after: Volume | null): void {
    for (const [key, value] of Object.entries(before?.tags ?? {})) {
      this.byTag.remove(entryKey(key, value), slot);
      this.byTagKey.remove(key, slot);
      this.countTag(key, value, -1);
    }
    for (const [key, value] of Object.entries(after?.tags ?? {})) {
      this.byTag.add(entryKey(key, value), slot);
      this.byTagKey.add(key, slot);
      this.countTag(key, value, 1);
    }
  }

  private countTag(key: string, value: string, change: 1 | -1): void {
    const values = this.tagValues.get(key) ?? new Map<string, number>();
    const count = (values.get(value) ?? 0) + change;
    if (count > 0) values.set(value, count);
    else values.delete(value);
    if (values.size > 0) this.tagValues.set(key, values);
    else this.tagValues.delete(key);
  }
}
