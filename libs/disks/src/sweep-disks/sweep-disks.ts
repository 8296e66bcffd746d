import type { CloudDisk } from '@strata/cloud';
import { everything } from '@strata/event-store';
import { BindingId, FindingId } from '@strata/kernel';
import { WORKER_ACTOR } from '@strata/operations';
import { executeFact, nodeOf } from '@strata/projects';
import { v7 as newId } from 'uuid';
import { sightingOf } from '../disk-sighting.js';
import { diskFact, diskOf, diskStream } from '../disk/disk.stream.js';
import {
  findingFact,
  findingStream,
  isOver,
  isSame,
  type FindingCommand,
  type Sighting,
  type Subject,
} from '../finding/index.js';
import { sightingsOf, strangerSighting } from './sightings.js';
import { markedOf, removeSurplus } from './surplus.js';
import type { SweepPorts, SweepReport, SweptDisk, SweptFinding } from './sweep.ports.js';

/**
 * Compares a cloud with the log, and records what is wrong as findings. A list may be stale and a view may lag: both only
 * name candidates. Disks of ours are looked at again, in the cloud by their id and in the log by their stream, before
 * anything is recorded or removed; what is not ours is never touched.
 */
export const sweepDisks = async (ports: SweepPorts, bindingId: string): Promise<SweepReport> => {
  const sweep = new Sweep(ports, BindingId.parse(bindingId));
  await sweep.readLog();
  await sweep.readCloud();
  await sweep.lookAgain();
  await sweep.judgeStrangers();
  await sweep.closeVanished();
  return sweep.report();
};

class Sweep {
  private readonly known = new Map<string, SweptDisk>();
  private readonly live = new Map<string, readonly SweptFinding[]>();
  private readonly seen = new Set<string>();
  private readonly suspects: SweptDisk[] = [];
  private readonly strangers: CloudDisk[] = [];
  private readonly count = { unknown: 0, changed: 0, missing: 0, surplusRemoved: 0, findings: 0 };

  constructor(
    private readonly ports: SweepPorts,
    private readonly bindingId: BindingId,
  ) {}

  async readLog(): Promise<void> {
    const { disksOf, findingsOf } = this.ports;
    for await (const page of findingsOf(this.bindingId))
      for (const each of page)
        if (each.resource === 'disk') this.live.set(each.cloudId, [...(this.live.get(each.cloudId) ?? []), each]);
    for await (const page of disksOf(this.bindingId)) for (const disk of page) this.known.set(disk.cloudId, disk);
  }

  async readCloud(): Promise<void> {
    await this.ports.budget();
    for await (const page of this.ports.cloud.listDisks()) {
      for (const disk of page) {
        this.seen.add(disk.cloudId);
        const ours = this.known.get(disk.cloudId);
        if (ours === undefined) this.strangers.push(disk);
        else if (!ours.busy && (this.live.has(disk.cloudId) || differs(ours, disk))) this.suspects.push(ours);
      }
      await this.ports.budget();
    }
    this.suspects.push(...[...this.known.values()].filter(({ cloudId, busy }) => !this.seen.has(cloudId) && !busy));
  }

  /** What was seen counts only if the log knew nothing new when it was recorded: work done meanwhile is newer than the look. */
  async lookAgain(): Promise<void> {
    for (const { diskId, projectId, cloudId } of this.suspects) {
      await this.ports.budget();
      const [before] = await this.load(diskStream(diskId));
      const seen = await this.ports.cloud.findDisk(cloudId);
      const sighting = seen && sightingOf(seen);
      const subject = { bindingId: this.bindingId, cloudId, projectId, diskId };
      let isNews = false;
      let found: readonly Sighting[] = [];
      const recorded = await executeFact(this.ports.store, {
        streams: [diskStream(diskId), findingStream(this.bindingId, cloudId)],
        meta: { actorId: WORKER_ACTOR },
        decide: ({ streams: [loaded, thing] }) => {
          const disk = loaded && diskOf(loaded);
          if (!loaded || !thing || loaded.version !== before?.version) return undefined;
          if (disk?.life !== 'in-cloud' || disk.open !== null) return undefined;
          const facts = diskFact(loaded, { type: 'RecordSeen', operationId: null, sighting });
          isNews = facts.length > 0;
          found = sightingsOf(disk, seen);
          return {
            streams: [
              ...facts,
              ...findingFact(disk.projectId, thing, this.swept({ ...subject, projectId: disk.projectId }, found)),
            ],
          };
        },
      });
      if (recorded.status === 'recorded' && isNews) this.count[sighting === null ? 'missing' : 'changed'] += 1;
      this.count.findings += found.length;
    }
  }

  /** What no disk of the log is. */
  async judgeStrangers(): Promise<void> {
    for (const disk of this.strangers) {
      const { cloudId } = disk;
      const nobodys = { bindingId: this.bindingId, cloudId, projectId: null, diskId: null };
      const marked = disk.marker === null ? ({ is: 'unclaimed' } as const) : await markedOf(this.ports, disk);
      if (marked.is === 'unclaimed') {
        this.count.unknown += 1;
        await this.record(nobodys, [strangerSighting(disk, 'unknown')]);
      }
      if (marked.is === 'foreign') await this.record(nobodys, [strangerSighting(disk, 'foreign-marker')]);
      if (marked.is === 'surplus') {
        const { projectId, diskId } = marked;
        const came = await removeSurplus(this.ports, disk);
        if (came === 'removed') this.count.surplusRemoved += 1;
        const orphan = came === 'left' ? [strangerSighting(disk, 'orphan')] : [];
        await this.record({ ...nobodys, projectId, diskId }, orphan);
      }
    }
  }

  /** Findings about what neither the cloud's list nor the view of disks has any more. */
  async closeVanished(): Promise<void> {
    for (const cloudId of this.live.keys()) {
      if (this.seen.has(cloudId) || this.known.has(cloudId)) continue;
      await this.ports.budget();
      if ((await this.ports.cloud.findDisk(cloudId)) !== null) continue;
      await this.record({ bindingId: this.bindingId, cloudId, projectId: null, diskId: null }, []);
    }
  }

  report(): SweepReport {
    return { inCloud: this.seen.size, known: this.known.size, ...this.count };
  }

  /** The view spares the log a question where it shows that there is no news. */
  private async record(subject: Subject, sightings: readonly Sighting[]): Promise<void> {
    this.count.findings += sightings.length;
    if (this.isKnown(subject.cloudId, sightings)) return;
    const { projectId, bindingId, cloudId } = subject;
    await executeFact(this.ports.store, {
      streams: [findingStream(bindingId, cloudId)],
      meta: { actorId: WORKER_ACTOR },
      decide: ({ streams: [thing] }) =>
        thing && { streams: findingFact(projectId ?? nodeOf(bindingId), thing, this.swept(subject, sightings)) },
    });
  }

  private isKnown(cloudId: string, sightings: readonly Sighting[]): boolean {
    const live = this.live.get(cloudId) ?? [];
    const now = this.ports.now();
    return (
      live.length === sightings.length &&
      sightings.every((sighting) => live.some((known) => isSame(known, sighting) && isQuiet(known, now)))
    );
  }

  private swept(subject: Subject, sightings: readonly Sighting[]): Extract<FindingCommand, { type: 'RecordSwept' }> {
    const identified = sightings.map((sighting) => ({ ...sighting, findingId: FindingId.parse(newId()) }));
    return { type: 'RecordSwept', subject, sightings: identified, at: this.ports.now() };
  }

  private async load(stream: ReturnType<typeof diskStream>) {
    return (await this.ports.store.load({ sight: everything, streams: [stream] })).streams;
  }
}

/** No time of it is over. */
const isQuiet = ({ ignoredUntil, removalExpiresAt }: SweptFinding, now: string): boolean =>
  !isOver(ignoredUntil, now) && !isOver(removalExpiresAt, now);

const differs = (ours: SweptDisk, disk: CloudDisk): boolean =>
  ours.doubtful ||
  disk.marker === null ||
  ours.name !== disk.name ||
  ours.description !== disk.description ||
  ours.sizeGiB !== disk.sizeGiB ||
  ours.type !== disk.type ||
  ours.cloudStatus !== disk.cloudStatus ||
  !sameServers(ours.servers, disk.attachments) ||
  !sameLabels(ours.tags, disk.tags);

const sameLabels = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([key, value]) => b[key] === value);

const sameServers = (servers: readonly string[], attachments: CloudDisk['attachments']): boolean =>
  servers.length === attachments.length && attachments.every(({ serverId }) => servers.includes(serverId));
