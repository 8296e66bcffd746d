import type { CloudSnapshot } from '@strata/cloud';
import {
  diskFact,
  diskOf,
  diskStream,
  FindingRecorder,
  isPassing,
  mayBeLeaving,
  stuckSince,
  type DiskCommand,
  type Known,
  type Sighting,
  type Subject,
  type SweptFigures,
} from '@strata/disks';
import { everything, type LoadedStream } from '@strata/event-store';
import { BindingId } from '@strata/kernel';
import { WORKER_ACTOR } from '@strata/operations';
import { executeFact } from '@strata/projects';
import { evolveSnapshot, initialSnapshot, type Snapshot, type SnapshotEvent } from '../snapshot/index.js';
import { snapshotFact, snapshotOf, snapshotStream } from '../snapshot/snapshot.stream.js';
import {
  markedSnapshotOf,
  removeSurplusSnapshot,
  restoreSnapshotMarker,
  type DeletedSnapshot,
} from './marked-snapshot.js';
import {
  deletedSnapshot,
  foreignDeletedSnapshot,
  lostSnapshot,
  snapshotSightingOf,
  snapshotSightings,
  strangeSnapshot,
  stuckSnapshot,
} from './snapshot-sightings.js';
import type { DiskOfLog, SnapshotSweepPorts, SweptSnapshot } from './snapshot-sweep.ports.js';

/**
 * Compares the snapshots of a cloud with the log, as the sweep of disks does with disks. A disk learns of each snapshot that
 * Strata did not make: the cloud would delete it with the disk.
 */
export const sweepSnapshots = async (ports: SnapshotSweepPorts, bindingId: string): Promise<SweptFigures> => {
  const sweep = new SnapshotSweep(ports, BindingId.parse(bindingId));
  await sweep.readLog();
  await sweep.readCloud();
  await sweep.lookAgain();
  await sweep.closeVanished();
  return sweep.report();
};

/** Made by the backup service for itself (EVS reference §1.7): none of ours, and nobody else's. */
const isSystems = ({ name }: CloudSnapshot): boolean => /^(?:auto|manual)bk_snapshot_/.test(name);

class SnapshotSweep {
  private readonly known = new Map<string, SweptSnapshot>();
  private readonly seen = new Set<string>();
  private readonly suspects: SweptSnapshot[] = [];
  private readonly findings: FindingRecorder;
  /** When all of the binding was looked at before. */
  private sweptAt: string | null = null;
  private readonly count = { unknown: 0, changed: 0, missing: 0, surplusRemoved: 0, repaired: 0 };

  constructor(
    private readonly ports: SnapshotSweepPorts,
    private readonly bindingId: BindingId,
  ) {
    this.findings = new FindingRecorder(ports, bindingId, 'snapshot');
  }

  async readLog(): Promise<void> {
    const { snapshotsOf, findingsOf, sweptAt } = this.ports;
    this.sweptAt = (await sweptAt?.(this.bindingId)) ?? null;
    await this.findings.read(findingsOf(this.bindingId));
    for await (const page of snapshotsOf(this.bindingId)) for (const each of page) this.known.set(each.cloudId, each);
  }

  /** Page by page: of what is not ours nothing is kept. */
  async readCloud(): Promise<void> {
    await this.ports.budget();
    for await (const page of this.ports.snapshots.listSnapshots()) {
      const strangers: CloudSnapshot[] = [];
      for (const snapshot of page) {
        this.seen.add(snapshot.cloudId);
        const ours = this.known.get(snapshot.cloudId);
        if (ours === undefined) strangers.push(snapshot);
        else if (!ours.busy && (this.findings.has(snapshot.cloudId) || differs(ours, snapshot)))
          this.suspects.push(ours);
      }
      await this.judgeStrangers(strangers.filter((each) => !isSystems(each)));
      await this.ports.budget();
    }
    for (const ours of this.known.values()) {
      if (this.seen.has(ours.cloudId) || ours.busy) continue;
      if (ours.lost) await this.stillLost(ours);
      else this.suspects.push(ours);
    }
  }

  /** It was not in the list, as before; it may be deleted meanwhile, which ends what was found of it. */
  private async stillLost(ours: SweptSnapshot): Promise<void> {
    const subject = this.subjectOf(ours);
    let found: readonly Sighting[] = [];
    await executeFact(this.ports.store, {
      streams: [snapshotStream(ours.snapshotId), this.findings.streamOf(ours.cloudId)],
      meta: { actorId: WORKER_ACTOR },
      decide: ({ streams: [loaded, thing] }) => {
        found = loaded ? this.foundOf(snapshotOf(loaded), loaded, null) : [];
        return thing && { streams: this.findings.appendOf(subject, found, thing) };
      },
    });
    this.findings.count += found.length;
  }

  /** What was seen counts only if the log knew nothing new when it was recorded: work done meanwhile is newer than the look. */
  async lookAgain(): Promise<void> {
    for (const ours of this.suspects) {
      const { snapshotId, cloudId } = ours;
      const { streams } = await this.ports.store.load({ sight: everything, streams: [snapshotStream(snapshotId)] });
      await this.ports.budget();
      await this.judge(ours, streams[0]?.version, await this.ports.snapshots.findSnapshot(cloudId));
    }
  }

  private async judge(ours: SweptSnapshot, before: number | undefined, seen: CloudSnapshot | null): Promise<void> {
    const { snapshotId, diskId, projectId, cloudId } = ours;
    const subject = this.subjectOf(ours);
    let isNews = false;
    let found: readonly Sighting[] = [];
    const recorded = await executeFact(this.ports.store, {
      streams: [snapshotStream(snapshotId), diskStream(diskId), this.findings.streamOf(cloudId)],
      meta: { actorId: WORKER_ACTOR },
      decide: ({ streams: [loaded, disk, thing] }) => {
        const snapshot = loaded && snapshotOf(loaded);
        if (!loaded || !snapshot || !disk || !thing || loaded.version !== before) return undefined;
        const sighting = seen && snapshotSightingOf(seen);
        const facts = snapshotFact(projectId, loaded, { type: 'RecordSeen', sighting });
        isNews = facts.length > 0;
        found = this.foundOf(snapshot, loaded, seen);
        const since = seen ? stuckSince(loaded.events, knownSnapshot, seen, this.ports.now()) : undefined;
        if (seen && since) found = [...found, stuckSnapshot(seen, since)];
        const known = diskOf(disk);
        // A disk that went to another project had none: what comes back later is not told to that project.
        const hears = isNews && known.life !== 'absent' && known.projectId === projectId;
        const ofDisk = hears ? diskFact(disk, meaningFor(snapshotId, seen)) : [];
        return { streams: [...facts, ...ofDisk, ...this.findings.appendOf(subject, found, thing)] };
      },
    });
    if (recorded.status === 'recorded' && isNews) this.count[seen === null ? 'missing' : 'changed'] += 1;
    this.findings.count += found.length;
    if (seen === null || !found.some(({ kind }) => kind === 'lost-marker')) return;
    if (!(await restoreSnapshotMarker(this.ports, snapshotId, seen))) return;
    await this.findings.recordRepaired(subject);
    this.count.repaired += 1;
    this.findings.count -= 1;
  }

  private foundOf(snapshot: Snapshot, { events }: LoadedStream, seen: CloudSnapshot | null): readonly Sighting[] {
    if (snapshot.life === 'absent' || snapshot.life === 'deleted' || snapshot.open !== null) return [];
    if (seen === null) return [lostSnapshot(snapshot, events, { now: this.ports.now(), sweptAt: this.sweptAt })];
    return snapshot.life === 'in-cloud' ? snapshotSightings(snapshot, seen) : [];
  }

  /** What no snapshot of the log is. */
  private async judgeStrangers(strangers: readonly CloudSnapshot[]): Promise<void> {
    if (strangers.length === 0) return;
    const cloudIds = [...new Set(strangers.map(({ cloudDiskId }) => cloudDiskId))];
    const disks = new Map(
      (await this.ports.disksByCloudId(this.bindingId, cloudIds)).map((each) => [each.cloudId, each] as const),
    );
    for (const each of strangers) await this.judgeStranger(each, disks.get(each.cloudDiskId));
  }

  private async judgeStranger(snapshot: CloudSnapshot, disk: DiskOfLog | undefined): Promise<void> {
    const { diskId = null, projectId = null } = disk ?? {};
    const { bindingId } = this;
    const subject: Subject = { bindingId, cloudId: snapshot.cloudId, projectId, diskId, resource: 'snapshot' };
    if (snapshot.marker === null) {
      this.count.unknown += 1;
      return this.recordForeign(subject, [strangeSnapshot(snapshot, 'unknown')]);
    }
    const marked = await markedSnapshotOf(this.ports, snapshot);
    if (marked.is === 'foreign') return this.recordForeign(subject, [strangeSnapshot(snapshot, 'foreign-marker')]);
    if (marked.is === 'ours') return;
    if (marked.is === 'deleted') return this.judgeDeleted(snapshot, subject, marked);
    const { is: _surplus, ...ids } = marked;
    const came = await removeSurplusSnapshot(this.ports, snapshot);
    if (came === 'removed') this.count.surplusRemoved += 1;
    await this.findings.record({ ...subject, ...ids }, came === 'left' ? [strangeSnapshot(snapshot, 'orphan')] : []);
  }

  /** Never removed by the sweep: its deletion was believed done. The disk hears of it, as the cloud would delete both. */
  private async judgeDeleted(listed: CloudSnapshot, subject: Subject, marked: DeletedSnapshot): Promise<void> {
    const { visibilityMs = 0, now, budget, snapshots } = this.ports;
    const deletion = { deletedAt: marked.deletedAt, visibilityMs, now: now() };
    if (mayBeLeaving(listed, deletion)) return;
    await budget();
    const snapshot = await snapshots.findSnapshot(listed.cloudId);
    if (snapshot === null || mayBeLeaving(snapshot, deletion)) return;
    this.count.unknown += 1;
    const { projectId, snapshotId } = marked;
    // The disk may have gone to another project, which is not to hear of a snapshot of the one before.
    const isTold = subject.projectId === null || subject.projectId === projectId;
    if (isTold) await this.recordForeign({ ...subject, snapshotId }, [deletedSnapshot(snapshot)]);
    else await this.recordForeign(subject, [foreignDeletedSnapshot(snapshot)]);
  }

  /** The disk hears in the same append that it has such a snapshot, or has it no more. */
  private async recordForeign(subject: Subject, sightings: readonly Sighting[]): Promise<void> {
    const { cloudId, diskId, projectId } = subject;
    if (diskId === null || projectId === null) return this.findings.record(subject, sightings);
    this.findings.count += sightings.length;
    if (this.findings.isKnown(subject, sightings)) return;
    await executeFact(this.ports.store, {
      streams: [this.findings.streamOf(cloudId), diskStream(diskId)],
      meta: { actorId: WORKER_ACTOR },
      decide: ({ streams: [thing, disk] }) => {
        if (!thing || !disk) return undefined;
        const command = { type: 'RecordForeignSnapshot', cloudId, there: sightings.length > 0 } as const;
        return {
          streams: [...diskFact(disk, command), ...this.findings.appendOf(subject, sightings, thing)],
        };
      },
    });
  }

  /** Findings about what neither the cloud's list nor the view of snapshots has any more. */
  async closeVanished(): Promise<void> {
    const { bindingId } = this;
    for (const { cloudId, diskId, projectId } of this.findings.subjects) {
      if (this.seen.has(cloudId) || this.known.has(cloudId)) continue;
      await this.ports.budget();
      if ((await this.ports.snapshots.findSnapshot(cloudId)) !== null) continue;
      await this.recordForeign({ bindingId, cloudId, projectId, diskId, resource: 'snapshot' }, []);
    }
  }

  report(): SweptFigures {
    return { inCloud: this.seen.size, known: this.known.size, ...this.count, findings: this.findings.count };
  }

  private subjectOf({ snapshotId, diskId, projectId, cloudId }: SweptSnapshot): Subject {
    return { bindingId: this.bindingId, cloudId, projectId, diskId, resource: 'snapshot', snapshotId };
  }
}

/** What the snapshot's being gone, there again, or in no way to be deleted means for its disk. */
const meaningFor = (snapshotId: SweptSnapshot['snapshotId'], seen: CloudSnapshot | null): DiskCommand =>
  seen === null
    ? { type: 'RecordSnapshotRemoved', snapshotId }
    : { type: 'RecordSnapshotFound', snapshotId, stuck: seen.status === 'error-deleting' };

/** The category of the stream guarantees the union. */
const knownSnapshot: Known<Snapshot> = {
  initial: initialSnapshot,
  evolve: (snapshot, event) => evolveSnapshot(snapshot, event as unknown as SnapshotEvent),
  conditionOf: (snapshot) => (snapshot.life === 'in-cloud' ? snapshot.condition : null),
};

const differs = (ours: SweptSnapshot, seen: CloudSnapshot): boolean =>
  ours.lost ||
  seen.marker === null ||
  (ours.madeBy !== null && seen.marker.split('.')[0] !== ours.madeBy) ||
  isPassing(seen.status) ||
  ours.condition !== seen.status ||
  ours.cloudStatus !== seen.cloudStatus ||
  ours.name !== seen.name ||
  ours.description !== seen.description ||
  !sameLabels(ours.metadata, seen.metadata);

const sameLabels = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([key, value]) => b[key] === value);
