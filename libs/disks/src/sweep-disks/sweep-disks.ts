import type { CloudDisk } from '@strata/cloud';
import { everything, type LoadedStream } from '@strata/event-store';
import { BindingId, type StreamId } from '@strata/kernel';
import { WORKER_ACTOR } from '@strata/operations';
import { executeFact } from '@strata/projects';
import { sightingOf } from '../disk-sighting.js';
import { diskFact, diskOf, diskStream } from '../disk/disk.stream.js';
import { isMissing, type CloudKnownDisk } from '../disk/index.js';
import type { Sighting, Subject } from '../finding/index.js';
import { differs } from './differs.js';
import { changesFound, foundOf, type Looked } from './found.js';
import { FindingRecorder } from './finding-recorder.js';
import { takeBackForgotten } from './forgotten-offer.js';
import { mayBeLeaving } from './leaving.js';
import { portionsOf } from './portions.js';
import { restoreMarker } from './restore-marker.js';
import { deletedSighting, movedSighting, strangerSighting } from './sightings.js';
import { markedOf, removeSurplus, type DeletedDisk } from './surplus.js';
import type { Round, SweepPorts, SweptDisk, SweptFigures } from './sweep.ports.js';

/** The most that one look by ids takes (EVS reference §1.5). */
const idsPerLook = 60;

/**
 * Compares a cloud with the log, and records what is wrong as findings. A list may be stale and a view may lag: both only
 * name candidates. Disks of ours are looked at again, in the cloud by their id and in the log by their stream, before
 * anything is recorded or removed; what is not ours is never touched. There may be a million disks: page by page, and
 * nothing of a disk is kept but its id.
 */
export const sweepDisks = async (ports: SweepPorts, bindingId: string, round: Round = 'all'): Promise<SweptFigures> => {
  const sweep = new Sweep(ports, BindingId.parse(bindingId));
  await sweep.readFindings();
  if (round !== 'all') await sweep.lookAtHot(round);
  else {
    await sweep.readLog();
    await sweep.readCloud();
    await sweep.lookAgain();
    await sweep.closeVanished();
  }
  return sweep.report();
};

/** Which disk of the log is looked at, and where. */
type Suspect = Pick<SweptDisk, 'diskId' | 'projectId' | 'cloudId'>;

type HotRound = Exclude<Round, 'all'>;

class Sweep {
  /** Ids in the cloud of what the log has: of a round over all as it began, of one over what is hot as far as it has come. */
  private readonly known = new Set<string>();
  /** Likewise of what the list of the cloud showed. */
  private readonly seen = new Set<string>();
  /** Ids in the cloud of disks of ours that the list shows to be other than the view. */
  private readonly suspects: string[] = [];
  private readonly findings: FindingRecorder;
  /** When the sweep of all disks of the binding before this one began. */
  private sweptAt: string | null = null;
  private readonly count = { unknown: 0, changed: 0, missing: 0, surplusRemoved: 0, repaired: 0 };

  constructor(
    private readonly ports: SweepPorts,
    private readonly bindingId: BindingId,
  ) {
    this.findings = new FindingRecorder(ports, bindingId, 'disk');
  }

  async readFindings(): Promise<void> {
    this.sweptAt = (await this.ports.sweptAt?.(this.bindingId)) ?? null;
    await this.findings.read(this.ports.findingsOf(this.bindingId));
  }

  async readLog(): Promise<void> {
    for await (const page of this.ports.disksOf(this.bindingId))
      for (const { cloudId } of page) this.known.add(cloudId);
  }

  async readCloud(): Promise<void> {
    await this.ports.budget();
    for await (const page of this.ports.cloud.listDisks()) {
      const named = await this.ports.disksByCloudId(page.map(({ cloudId }) => cloudId));
      const here = new Map(this.ofBinding(named).map((disk) => [disk.cloudId, disk]));
      const strangers = page.filter(({ cloudId }) => !here.has(cloudId) && !this.known.has(cloudId));
      const elsewhere = await this.knownElsewhere(strangers, named);
      for (const disk of page) {
        this.seen.add(disk.cloudId);
        const ours = here.get(disk.cloudId);
        if (ours && !ours.busy && (this.findings.has(disk.cloudId) || differs(ours, disk)))
          this.suspects.push(disk.cloudId);
      }
      for (const disk of strangers) if (!elsewhere.has(disk.cloudId)) await this.judgeStranger(disk);
      await this.ports.budget();
    }
  }

  private ofBinding(disks: readonly SweptDisk[]): readonly SweptDisk[] {
    return disks.filter(({ bindingId }) => bindingId === this.bindingId);
  }

  /** Disks of the log that are on their way here, or that a list shows still which has not heard that they went. */
  private async knownElsewhere(
    strangers: readonly CloudDisk[],
    named: readonly SweptDisk[],
  ): Promise<ReadonlySet<string>> {
    const ids = new Set(strangers.map(({ cloudId }) => cloudId));
    const streams = await this.load(
      named.flatMap(({ cloudId, diskId }) => (ids.has(cloudId) ? [diskStream(diskId)] : [])),
    );
    const disks = streams.map(diskOf);
    return new Set(disks.flatMap((disk) => (disk.life === 'in-cloud' && !isMissing(disk) ? [disk.cloudId] : [])));
  }

  /** At what the list shows otherwise, and at what it does not show; but what an operation works on is left to it. */
  async lookAgain(): Promise<void> {
    for (const cloudId of this.known) if (!this.seen.has(cloudId)) this.suspects.push(cloudId);
    for (let start = 0; start < this.suspects.length; start += idsPerLook) {
      const named = await this.ports.disksByCloudId(this.suspects.slice(start, start + idsPerLook));
      await this.lookAt(this.ofBinding(named).filter(({ busy }) => !busy));
    }
  }

  async lookAtHot(round: HotRound): Promise<void> {
    for await (const disks of portionsOf(this.hotAndIdle(round), idsPerLook)) await this.glanceAt(disks);
  }

  private async *hotAndIdle({ hot }: HotRound): AsyncGenerator<readonly SweptDisk[]> {
    for await (const page of hot(this.findings.diskIds)) {
      const idle = page.filter(({ cloudId, busy }) => !busy && !this.known.has(cloudId));
      for (const { cloudId } of idle) this.known.add(cloudId);
      yield idle;
    }
  }

  /** At as many as one look takes: the streams are read only of those that are other in the cloud than in the view. */
  private async glanceAt(disks: readonly SweptDisk[]): Promise<void> {
    const isFound = ({ cloudId }: SweptDisk): boolean => this.findings.has(cloudId);
    const others = disks.filter((disk) => !isFound(disk));
    const listed = others.length === 0 ? new Map<string, CloudDisk>() : await this.listed(others);
    const isSuspect = (ours: SweptDisk): boolean => {
      const shown = listed.get(ours.cloudId);
      return shown === undefined || differs(ours, shown);
    };
    await this.lookAt([...disks.filter(isFound), ...others.filter(isSuspect)]);
  }

  /** At as many as one look takes. */
  private async lookAt(suspects: readonly Suspect[]): Promise<void> {
    if (suspects.length === 0) return;
    const before = await this.load(suspects.map(({ diskId }) => diskStream(diskId)));
    const listed = await this.listed(suspects);
    for (const [index, ours] of suspects.entries()) {
      const [known, shown] = [before[index], listed.get(ours.cloudId)];
      const isDoubted = shown === undefined || this.mayBeBehind(known, shown);
      const seen = isDoubted ? await this.lookFor(ours.cloudId) : shown;
      if (!this.isInOrder(known, seen)) await this.judge(ours, known, seen);
    }
  }

  private async listed(disks: readonly Suspect[]): Promise<ReadonlyMap<string, CloudDisk>> {
    await this.ports.budget();
    const found = await this.ports.cloud.findDisks(disks.map(({ cloudId }) => cloudId));
    return new Map(found.map((disk) => [disk.cloudId, disk]));
  }

  /** A look at many is a list: what is other there than the log has learnt a short while ago may be what was before. */
  private mayBeBehind(loaded: LoadedStream | undefined, listed: CloudDisk): boolean {
    const newest = loaded?.events.at(-1);
    if (loaded === undefined || newest === undefined) return false;
    const ageMs = Date.parse(this.ports.now()) - Date.parse(newest.recordedAt);
    if (ageMs >= (this.ports.visibilityMs ?? 0)) return false;
    const disk = diskOf(loaded);
    return disk.life === 'in-cloud' && this.isOther(disk, loaded, listed);
  }

  /** The log says what the cloud does, and the view shows no finding that this would close: there is nothing to decide. */
  private isInOrder(loaded: LoadedStream | undefined, seen: CloudDisk | null): boolean {
    if (loaded === undefined || seen === null || seen.status === 'awaiting-transfer') return false;
    const disk = diskOf(loaded);
    if (disk.life !== 'in-cloud' || disk.bindingId !== this.bindingId || this.findings.has(seen.cloudId)) return false;
    return !this.isOther(disk, loaded, seen);
  }

  private isOther(disk: CloudKnownDisk, loaded: LoadedStream, seen: CloudDisk): boolean {
    const fact = { type: 'RecordSeen', operationId: null, sighting: sightingOf(seen) } as const;
    return diskFact(loaded, fact).length > 0 || foundOf(disk, loaded, seen, this.looked()).length > 0;
  }

  /** That many were asked for and one was not answered proves nothing: only the answer about it alone does. */
  private async lookFor(cloudId: string): Promise<CloudDisk | null> {
    await this.ports.budget();
    return this.ports.cloud.findDisk(cloudId);
  }

  /** What was seen counts only if the log knew nothing new when it was recorded: work done meanwhile is newer than the look. */
  private async judge(ours: Suspect, before: LoadedStream | undefined, seen: CloudDisk | null): Promise<void> {
    const { diskId, projectId, cloudId } = ours;
    const sighting = seen && sightingOf(seen);
    let subject: Subject = { bindingId: this.bindingId, cloudId, projectId, diskId };
    let isNews = false;
    let found: readonly Sighting[] = [];
    const recorded = await executeFact(this.ports.store, {
      streams: [diskStream(diskId), this.findings.streamOf(cloudId)],
      meta: { actorId: WORKER_ACTOR },
      decide: ({ streams: [loaded, thing] }) => {
        // Decided anew: what an attempt before this one found was not recorded.
        isNews = false;
        found = [];
        const disk = loaded && diskOf(loaded);
        if (!loaded || !thing || loaded.version !== before?.version) return undefined;
        if (disk?.life !== 'in-cloud' || disk.open !== null) return undefined;
        // It went to a project of another binding, or was made anew: what was looked at is not it any more.
        if (disk.bindingId !== this.bindingId || disk.cloudId !== cloudId) return undefined;
        const facts = diskFact(loaded, { type: 'RecordSeen', operationId: null, sighting });
        isNews = facts.length > 0;
        found = foundOf(disk, loaded, seen, { ...this.looked(), before: changesFound(thing, disk) });
        // The view may not know yet that it went to another project.
        subject = { ...subject, projectId: disk.projectId };
        return { streams: [...facts, ...this.findings.appendOf(subject, found, thing)] };
      },
    });
    if (recorded.status === 'recorded' && isNews) this.count[sighting === null ? 'missing' : 'changed'] += 1;
    this.findings.count += found.length;
    if (seen?.status === 'awaiting-transfer') await takeBackForgotten(this.ports, seen);
    if (seen === null || !found.some(({ kind }) => kind === 'lost-marker')) return;
    if (!(await restoreMarker(this.ports, diskId, seen))) return;
    await this.findings.recordRepaired(subject);
    this.count.repaired += 1;
    this.findings.count -= 1;
  }

  private looked(): Looked {
    return { now: this.ports.now(), sweptAt: this.sweptAt };
  }

  /** What no disk of the log is. */
  private async judgeStranger(disk: CloudDisk): Promise<void> {
    const nobodys = { bindingId: this.bindingId, cloudId: disk.cloudId, projectId: null, diskId: null };
    const marked =
      disk.marker === null ? ({ is: 'unclaimed' } as const) : await markedOf(this.ports, this.bindingId, disk);
    if (marked.is === 'unclaimed') {
      this.count.unknown += 1;
      await this.findings.record(nobodys, [strangerSighting(disk, 'unknown')]);
    }
    if (marked.is === 'moved') await this.judgeMoved(disk);
    if (marked.is === 'deleted') await this.judgeDeleted(disk, marked);
    if (marked.is === 'foreign') await this.findings.record(nobodys, [strangerSighting(disk, 'foreign-marker')]);
    if (marked.is === 'left-behind') {
      const { projectId, diskId } = marked;
      await this.findings.record({ ...nobodys, projectId, diskId }, [strangerSighting(disk, 'orphan')]);
    }
    if (marked.is === 'surplus') {
      const { projectId, diskId } = marked;
      const came = await removeSurplus(this.ports, disk);
      if (came === 'removed') this.count.surplusRemoved += 1;
      const orphan = came === 'left' ? [strangerSighting(disk, 'orphan')] : [];
      await this.findings.record({ ...nobodys, projectId, diskId }, orphan);
    }
  }

  /** A list may show for a while what has gone on to another binding by now. */
  private async judgeMoved({ cloudId }: CloudDisk): Promise<void> {
    const disk = await this.lookFor(cloudId);
    if (disk === null) return;
    this.count.unknown += 1;
    const subject = { bindingId: this.bindingId, cloudId, projectId: null, diskId: null };
    await this.findings.record(subject, [movedSighting(disk)]);
  }

  /** Never removed by the sweep: its deletion was believed done, and somebody may have brought it back since. */
  private async judgeDeleted(listed: CloudDisk, { projectId, diskId, deletedAt }: DeletedDisk): Promise<void> {
    const { visibilityMs = 0, now } = this.ports;
    const deletion = { deletedAt, visibilityMs, now: now() };
    if (mayBeLeaving(listed, deletion)) return;
    const disk = await this.lookFor(listed.cloudId);
    if (disk === null || mayBeLeaving(disk, deletion)) return;
    this.count.unknown += 1;
    const subject = { bindingId: this.bindingId, cloudId: disk.cloudId, projectId, diskId };
    await this.findings.record(subject, [deletedSighting(disk)]);
  }

  /** Findings about what neither the cloud's list nor the view of disks has any more. */
  async closeVanished(): Promise<void> {
    for (const { cloudId } of this.findings.subjects) {
      if (this.seen.has(cloudId) || this.known.has(cloudId)) continue;
      if ((await this.lookFor(cloudId)) !== null) continue;
      await this.findings.record({ bindingId: this.bindingId, cloudId, projectId: null, diskId: null }, []);
    }
  }

  report(): SweptFigures {
    return { inCloud: this.seen.size, known: this.known.size, ...this.count, findings: this.findings.count };
  }

  private async load(streams: readonly StreamId[]): Promise<readonly LoadedStream[]> {
    if (streams.length === 0) return [];
    return (await this.ports.store.load({ sight: everything, streams })).streams;
  }
}
