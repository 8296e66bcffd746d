import type { QuotaLimits } from '../options.js';
import { EntryIndex } from './entry-index.js';
import { heldByDisk, heldBySnapshot, Ledger } from './ledger.js';
import { SetIndex } from './set-index.js';
import type { Slot } from './slot.js';
import type { Snapshot } from './snapshot.js';
import { Timeline } from './timeline.js';
import type { Server } from './server.js';
import { serversOf, type Volume } from './volume.js';

const isRetyping = (volume: Volume | null): boolean => volume?.transition?.kind === 'retype';

/** One cloud project: its disks in order of creation, found by name, metadata or tag, their snapshots, and its quota. */
export class CloudProject {
  readonly ledger: Ledger;
  readonly byName = new SetIndex<Slot<Volume>>();
  readonly byMetadata = new EntryIndex<Slot<Volume>>();
  readonly byTag = new EntryIndex<Slot<Volume>>();
  /** Disks by the server that has them, or is just getting them. */
  readonly byServer = new SetIndex<Slot<Volume>>();
  readonly servers = new Map<string, Server>();
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
    if (before?.metadata !== after?.metadata) {
      this.byMetadata.remove(before?.metadata ?? {}, slot);
      this.byMetadata.add(after?.metadata ?? {}, slot);
    }
    if (before?.tags !== after?.tags) {
      this.byTag.remove(before?.tags ?? {}, slot);
      this.byTag.add(after?.tags ?? {}, slot);
    }
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
}
