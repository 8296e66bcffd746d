import type { QuotaLimits, Seed } from '../options.js';
import { plantAccessKeys, type AccessKey } from './access-key.js';
import { birthsOf } from './births.js';
import { seedTypes, seedZones, type VolumeType } from './catalogue.js';
import { upgraded, type Change, type JournalEntry, type Token } from './changes.js';
import { Clock, realTime } from './clock.js';
import { CloudProject } from './cloud-project.js';
import { DueHeap } from './due-heap.js';
import { ImageShelf } from './image-shelf.js';
import type { Job } from './job.js';
import type { Journal } from './journal.js';
import { LateEffects } from './late-effects.js';
import { PastToForget } from './past.js';
import { Slot, type Sight } from './slot.js';
import { seedServers } from './server.js';
import { settledSnapshot, type Snapshot } from './snapshot.js';
import { TransferShelf } from './transfer.js';
import { settled, type Volume } from './volume.js';

/** How far back a stale list can look. */
export const HORIZON_MS = 600_000;
/** Finished jobs beyond this many are forgotten, oldest first; for how long the real service keeps them is not documented. */
const KEPT_JOBS = 200_000;

/**
 * Everything that the simulated cloud knows. It changes in two ways only: `commit` writes a change down and applies it, and
 * `settle` lets time do its part. Reading the journal again does both in the same order and arrives at the same world.
 */
export class World {
  readonly clock = new Clock();
  readonly projects = new Map<string, CloudProject>();
  readonly jobs = new Map<string, Job>();
  readonly tokens = new Map<string, Token>();
  readonly accessKeys = new Map<string, AccessKey>();
  readonly zones = new Map<string, boolean>();
  readonly types: readonly VolumeType[] = seedTypes;
  readonly images = new ImageShelf();
  readonly transfers = new TransferShelf();
  readonly late = new LateEffects();

  private readonly slots = new Map<string, Slot<Volume>>();
  private readonly snapshotSlots = new Map<string, Slot<Snapshot>>();
  private readonly due = new DueHeap<(atMs: number) => void>();
  private readonly past = new PastToForget();
  private settledMs = 0;
  private lastSeq = 0;
  private lastMicros = 0;

  constructor(
    readonly seed: Seed,
    private readonly journal: Journal | null,
  ) {
    if (journal) for (const { atMs, change } of journal.read()) this.apply(upgraded(change), atMs);
    this.plant();
    journal?.compact(this.entries());
  }

  /** As it is, or as a list sees it. */
  volume(id: string, sight: Sight | null = null): Volume | null {
    return this.slots.get(id)?.seen(sight) ?? null;
  }

  snapshot(id: string): Snapshot | null {
    return this.snapshotSlots.get(id)?.current ?? null;
  }

  /** Places for new disks and snapshots in the order of creation; their times are distinct and grow with it. */
  nextBirth(nowMs: number): { readonly seq: number; readonly createdMicros: number } {
    this.lastSeq += 1;
    this.lastMicros = Math.max(this.lastMicros + 1, nowMs * 1_000);
    return { seq: this.lastSeq, createdMicros: this.lastMicros };
  }

  /** Writes a change to the journal, then lets it happen: at the time of the last `settle`, so that nothing comes in between. */
  commit(change: Change): void {
    const atMs = this.settledMs;
    this.journal?.write({ atMs, change });
    if (change.kind === 'accepted') this.late.remember(change, this.slots, this.snapshotSlots);
    this.apply(change, atMs);
  }

  /** Lets everything happen that is due by now, and returns the time. */
  settle(): number {
    const nowMs = this.clock.nowMs();
    this.settledMs = nowMs;
    this.late.begin(nowMs);
    this.settleUntil(nowMs);
    this.past.before(nowMs - HORIZON_MS);
    return nowMs;
  }

  private apply(change: Change, atMs: number): void {
    this.clock.notBefore(atMs);
    this.settleUntil(atMs);
    switch (change.kind) {
      case 'clock':
        return this.clock.set(change.clock);
      case 'zone':
        this.zones.set(change.name, change.available);
        return;
      case 'project':
        return this.setProject(change.id, change.name, change.quota);
      case 'token':
        this.tokens.set(change.token.value, change.token);
        return;
      case 'token-revoked':
        this.tokens.delete(change.value);
        return;
      case 'access-key':
        this.accessKeys.set(change.key.accessKey, change.key);
        return;
      case 'accepted':
        for (const volume of change.volumes) this.put(volume, atMs);
        for (const snapshot of change.snapshots ?? []) this.putSnapshot(snapshot, atMs);
        for (const job of change.jobs) this.keep(job);
        return;
      case 'removed': {
        const slot = this.slots.get(change.volumeId);
        if (slot) this.replace(slot, null, atMs);
        return this.transfers.forgetDisk(change.volumeId);
      }
      case 'snapshot-removed': {
        const slot = this.snapshotSlots.get(change.snapshotId);
        if (slot) this.replaceSnapshot(slot, null, atMs);
        return;
      }
      case 'server':
        this.projects.get(change.server.projectId)?.servers.set(change.server.id, change.server);
        return;
      case 'server-removed':
        this.projects.get(change.projectId)?.servers.delete(change.serverId);
        return;
      case 'servers':
        return this.projects.get(change.projectId)?.setServers(change.servers);
      case 'image':
      case 'image-removed':
      case 'images':
        return this.images.apply(change);
      case 'transfer':
      case 'transfer-ended':
        this.transfers.apply(change);
        return this.put(change.volume, atMs);
      case 'reset':
        return this.clear();
    }
  }

  private put(volume: Volume, atMs: number): void {
    this.lastSeq = Math.max(this.lastSeq, volume.seq);
    this.lastMicros = Math.max(this.lastMicros, volume.createdMicros);
    const slot = this.placeOf(volume, atMs);
    this.replace(slot, volume, atMs);
    this.follow(slot, volume);
  }

  /** A disk that goes to another project leaves what it was to the one that it was in. */
  private placeOf(volume: Volume, atMs: number): Slot<Volume> {
    const slot = this.slots.get(volume.id);
    if (slot === undefined) return this.enter(volume);
    if (slot.current === null || slot.current.projectId === volume.projectId) return slot;
    this.replace(slot, null, atMs);
    return this.enter(volume);
  }

  /** What a disk is to become it becomes when that is due; more may come after. */
  private follow(slot: Slot<Volume>, { transition }: Volume): void {
    if (transition?.endMs == null) return;
    this.due.push(transition.endMs, (dueMs) => {
      const now = slot.current;
      if (now?.transition !== transition) return;
      const after = settled(now, transition, dueMs);
      this.replace(slot, after, dueMs);
      this.images.hear(transition, dueMs);
      if (after) this.follow(slot, after);
    });
  }

  private enter(volume: Volume): Slot<Volume> {
    const slot = new Slot<Volume>(volume.id, volume.seq);
    this.slots.set(volume.id, slot);
    this.projects.get(volume.projectId)?.disks.enter(slot);
    return slot;
  }

  private putSnapshot(snapshot: Snapshot, atMs: number): void {
    this.lastSeq = Math.max(this.lastSeq, snapshot.seq);
    this.lastMicros = Math.max(this.lastMicros, snapshot.createdMicros);
    const slot = this.snapshotSlots.get(snapshot.id) ?? this.enterSnapshot(snapshot);
    this.replaceSnapshot(slot, snapshot, atMs);
    const { transition } = snapshot;
    if (transition?.endMs == null) return;
    this.due.push(transition.endMs, (dueMs) => {
      const now = slot.current;
      if (now?.transition === transition) this.replaceSnapshot(slot, settledSnapshot(now, transition, dueMs), dueMs);
    });
  }

  private enterSnapshot(snapshot: Snapshot): Slot<Snapshot> {
    const slot = new Slot<Snapshot>(snapshot.id, snapshot.seq);
    this.snapshotSlots.set(snapshot.id, slot);
    this.projects.get(snapshot.projectId)?.snapshots.enter(slot);
    return slot;
  }

  private replaceSnapshot(slot: Slot<Snapshot>, after: Snapshot | null, fromMs: number): void {
    const before = slot.current;
    const project = this.projects.get((after ?? before)?.projectId ?? '');
    slot.replace(after, fromMs);
    project?.snapshotReplaced(slot, before, after);
    if (before && project)
      this.past.add({ slot, slots: this.snapshotSlots, timeline: project.snapshots, endedMs: fromMs });
  }

  /** Whatever ends a disk ends its snapshots. */
  private replace(slot: Slot<Volume>, after: Volume | null, fromMs: number): void {
    const before = slot.current;
    const project = this.projects.get((after ?? before)?.projectId ?? '');
    slot.replace(after, fromMs);
    project?.replaced(slot, before, after);
    if (before && project) this.past.add({ slot, slots: this.slots, timeline: project.disks, endedMs: fromMs });
    if (after) return;
    for (const { id } of project?.snapshotsOf(slot.id) ?? []) {
      const taken = this.snapshotSlots.get(id);
      if (taken) this.replaceSnapshot(taken, null, fromMs);
    }
  }

  private settleUntil(nowMs: number): void {
    for (let next = this.due.pop(nowMs); next; next = this.due.pop(nowMs)) next.item(next.atMs);
  }

  private keep(job: Job): void {
    this.jobs.set(job.id, job);
    if (this.jobs.size <= KEPT_JOBS) return;
    const oldest = this.jobs.keys().next();
    if (!oldest.done) this.jobs.delete(oldest.value);
  }

  private setProject(id: string, name: string, quota: QuotaLimits): void {
    const project = this.projects.get(id);
    if (!project) {
      this.projects.set(id, new CloudProject(id, name, quota, seedServers(id)));
      return;
    }
    project.name = name;
    project.ledger.limits = quota;
  }

  private clear(): void {
    for (const map of [this.projects, this.jobs, this.tokens, this.zones, this.slots, this.snapshotSlots]) map.clear();
    this.accessKeys.clear();
    this.due.clear();
    this.lastMicros = 0;
    this.past.clear();
    this.transfers.clear();
    this.late.clear();
    this.clock.restart(realTime);
    this.images.reset();
    this.plant();
  }

  /** What exists from the start. What the journal has told already stays as it is. */
  private plant(): void {
    for (const { id, name, quota } of this.seed.projects)
      if (!this.projects.has(id)) this.setProject(id, name, quota ?? {});
    for (const zone of seedZones) if (!this.zones.has(zone)) this.zones.set(zone, true);
    plantAccessKeys(this.accessKeys, this.seed.accessKeys);
  }

  /** The changes that make this world out of nothing. */
  private *entries(): Generator<JournalEntry> {
    const atMs = this.settle();
    const entry = (change: Change): JournalEntry => ({ atMs, change });
    yield entry({ kind: 'clock', clock: this.clock.current });
    for (const [name, available] of this.zones) yield entry({ kind: 'zone', name, available });
    yield entry({ kind: 'images', images: this.images.all() });
    for (const { id, name, ledger, servers } of this.projects.values()) {
      yield entry({ kind: 'project', id, name, quota: ledger.limits });
      yield entry({ kind: 'servers', projectId: id, servers: [...servers.values()] });
    }
    for (const key of this.accessKeys.values()) yield entry({ kind: 'access-key', key });
    for (const token of this.tokens.values()) if (token.expiresMs > atMs) yield entry({ kind: 'token', token });
    yield* birthsOf(this.slots.values(), this.snapshotSlots.values());
    for (const transfer of this.transfers.all()) {
      const volume = this.volume(transfer.volumeId);
      if (volume) yield entry({ kind: 'transfer', transfer, volume });
    }
    for (const job of this.jobs.values()) yield entry({ kind: 'accepted', volumes: [], jobs: [job] });
  }
}
