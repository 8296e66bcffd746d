import type { QuotaLimits } from '../options.js';
import { Ledger } from './ledger.js';
import { SetIndex } from './set-index.js';
import type { Slot } from './slot.js';
import type { Server } from './server.js';
import { serversOf, type Volume } from './volume.js';

/** Index key of one entry of a map of strings. */
export const entryKey = (key: string, value: string): string => `${key}\u0000${value}`;

/** One cloud project: its disks in order of creation, found by name, metadata or tag, and its quota. */
export class CloudProject {
  readonly ledger: Ledger;
  readonly byName = new SetIndex<Slot>();
  readonly byMetadata = new SetIndex<Slot>();
  readonly byTag = new SetIndex<Slot>();
  readonly byTagKey = new SetIndex<Slot>();
  /** Disks by the server that has them, or is just getting them. */
  readonly byServer = new SetIndex<Slot>();
  readonly servers = new Map<string, Server>();
  /** Tag key → value → how many disks carry it. */
  readonly tagValues = new Map<string, Map<string, number>>();
  /** Oldest first; the places of deleted disks stay until nobody can look back to them. */
  private slots: Slot[] = [];
  private live = 0;
  private forgotten = 0;

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

  /** How many disks there are now. */
  get size(): number {
    return this.live;
  }

  enter(slot: Slot): void {
    this.slots.push(slot);
  }

  replaced(slot: Slot, before: Volume | null, after: Volume | null): void {
    this.live += (after ? 1 : 0) - (before ? 1 : 0);
    this.ledger.replace(before, after);
    if (before?.name !== after?.name) {
      if (before?.name != null) this.byName.remove(before.name, slot);
      if (after?.name != null) this.byName.add(after.name, slot);
    }
    if (before?.metadata !== after?.metadata) this.reindexMetadata(slot, before, after);
    if (before?.tags !== after?.tags) this.reindexTags(slot, before, after);
    for (const serverId of before ? serversOf(before) : []) this.byServer.remove(serverId, slot);
    for (const serverId of after ? serversOf(after) : []) this.byServer.add(serverId, slot);
  }

  /** Disks newest first, from those before `seq` on; with `asOfMs` as they were then. */
  *newestFirst(beforeSeq = Infinity, asOfMs: number | null = null): Generator<Volume> {
    for (let index = this.firstIndexNotBefore(beforeSeq) - 1; index >= 0; index -= 1) {
      const slot = this.slots[index];
      const volume = asOfMs === null ? slot?.current : slot?.asOf(asOfMs);
      if (volume) yield volume;
    }
  }

  /** A deleted disk has passed out of sight of every stale list. */
  noteForgotten(): void {
    this.forgotten += 1;
    if (this.forgotten * 2 <= this.slots.length) return;
    this.slots = this.slots.filter((slot) => !slot.forgotten);
    this.forgotten = 0;
  }

  private firstIndexNotBefore(seq: number): number {
    let low = 0;
    let high = this.slots.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.slots[middle]?.seq ?? Infinity) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private reindexMetadata(slot: Slot, before: Volume | null, after: Volume | null): void {
    for (const [key, value] of Object.entries(before?.metadata ?? {}))
      this.byMetadata.remove(entryKey(key, value), slot);
    for (const [key, value] of Object.entries(after?.metadata ?? {})) this.byMetadata.add(entryKey(key, value), slot);
  }

  private reindexTags(slot: Slot, before: Volume | null, after: Volume | null): void {
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
