import type { CloudDisk, DiskCloud } from '@strata/cloud';
import { everything, type EventStore, type LoadedStream } from '@strata/event-store';
import type { DiskId, ProjectId } from '@strata/kernel';
import { historyOf, isOpen, WORKER_ACTOR } from '@strata/operations';
import { executeFact } from '@strata/projects';
import { sightingOf } from '../disk-sighting.js';
import type { DiskSighting } from '../disk/disk.events.js';
import { diskFact, diskOf, diskStream } from '../disk/disk.stream.js';

/** A disk of the log that is in the cloud, as the view shows it: may lag behind, so that nothing is concluded from it alone. */
export interface SweptDisk {
  readonly diskId: DiskId;
  readonly projectId: ProjectId;
  readonly cloudId: string;
  readonly busy: boolean;
  /** Only a look settles it, whatever a list says: it was missing, or what its extension came to is undecided. */
  readonly doubtful: boolean;
  readonly name: string;
  readonly description: string;
  readonly sizeGiB: number;
  readonly type: string;
  readonly cloudStatus: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface SweepPorts {
  readonly store: EventStore;
  readonly cloud: DiskCloud;
  /** Every disk of the binding that is in the cloud, in pages. */
  readonly disksOf: (bindingId: string) => AsyncIterable<readonly SweptDisk[]>;
  /** Waits for a place in the request budget. */
  readonly budget: () => Promise<void>;
  /** Hard end of a request, in ms. */
  readonly requestTimeoutMs: number;
}

/** What one sweep came to. Figures count disks. */
export interface SweepReport {
  readonly inCloud: number;
  readonly known: number;
  /** In the cloud, without a marker of ours: somebody else's, left alone. */
  readonly unknown: number;
  readonly changed: number;
  readonly missing: number;
  readonly surplusRemoved: number;
}

/**
 * Compares a cloud with the log. A list may be stale and a view may lag: both only name candidates, each is looked at again,
 * in the cloud by its id and in the log by its stream, before anything is recorded or removed.
 */
export const sweepDisks = async (ports: SweepPorts, bindingId: string): Promise<SweepReport> => {
  const known = new Map<string, SweptDisk>();
  for await (const page of ports.disksOf(bindingId)) for (const disk of page) known.set(disk.cloudId, disk);
  const seen = new Set<string>();
  const suspects: SweptDisk[] = [];
  const marked: CloudDisk[] = [];
  let unknown = 0;
  await ports.budget();
  for await (const page of ports.cloud.listDisks()) {
    for (const disk of page) {
      seen.add(disk.cloudId);
      const ours = known.get(disk.cloudId);
      if (ours !== undefined) suspects.push(...(differs(ours, disk) ? [ours] : []));
      else if (disk.marker !== null) marked.push(disk);
      else unknown += 1;
    }
    await ports.budget();
  }
  suspects.push(...[...known.values()].filter(({ cloudId, busy }) => !seen.has(cloudId) && !busy));
  const verdicts = { changed: 0, missing: 0, unchanged: 0 };
  for (const suspect of suspects) verdicts[await lookAgain(ports, suspect)] += 1;
  let surplusRemoved = 0;
  for (const disk of marked) if (await removeIfSurplus(ports, disk)) surplusRemoved += 1;
  const { changed, missing } = verdicts;
  return { inCloud: seen.size, known: known.size, unknown, changed, missing, surplusRemoved };
};

const differs = (ours: SweptDisk, disk: CloudDisk): boolean =>
  !ours.busy &&
  (ours.doubtful ||
    ours.name !== disk.name ||
    ours.description !== disk.description ||
    ours.sizeGiB !== disk.sizeGiB ||
    ours.type !== disk.type ||
    ours.cloudStatus !== disk.cloudStatus ||
    !sameLabels(ours.tags, disk.tags));

const sameLabels = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([key, value]) => b[key] === value);

/** What was seen counts only if the log knew nothing new when it was recorded: work done meanwhile is newer than the look. */
const lookAgain = async (
  { store, cloud, budget }: SweepPorts,
  { diskId, projectId, cloudId }: SweptDisk,
): Promise<'changed' | 'missing' | 'unchanged'> => {
  await budget();
  const streams = [diskStream(diskId)];
  const [before] = (await store.load({ sight: everything, streams })).streams;
  const disk = await cloud.findDisk(cloudId);
  const sighting: DiskSighting | null = disk === null ? null : sightingOf(disk);
  const recorded = await executeFact(store, {
    streams,
    meta: { actorId: WORKER_ACTOR },
    decide: ({ streams: [loaded] }) =>
      loaded?.version === before?.version && loaded
        ? { streams: diskFact(projectId, loaded, { type: 'RecordSeen', operationId: null, sighting }) }
        : undefined,
  });
  if (recorded.status === 'no-news') return 'unchanged';
  return sighting === null ? 'missing' : 'changed';
};

/** States in which the cloud accepts a deletion (EVS reference §2.1). */
const removable = new Set<CloudDisk['status']>(['available', 'error', 'error-extending']);

/**
 * A resource with a marker of ours that its operation did not adopt: a write that took effect after its attempt was given
 * up. Only once the operation has ended, nothing uses the resource and no disk of the log is it.
 */
const removeIfSurplus = async (ports: SweepPorts, { cloudId, marker }: CloudDisk): Promise<boolean> => {
  const operationId = marker?.split('.')[0];
  if (operationId === undefined) return false;
  const [stream] = (await ports.store.load({ sight: everything, streams: [`operation-${operationId}`] })).streams;
  if (stream === undefined || stream.version === 0) return false;
  const { operation } = historyOf(stream);
  if (operation.status === 'absent' || isOpen(operation) || operation.target.type !== 'disk') return false;
  const [disk] = (await ports.store.load({ sight: everything, streams: [diskStream(operation.target.id)] })).streams;
  if (disk === undefined || isAdopted(disk, cloudId) || isBusy(disk)) return false;
  await ports.budget();
  const now = await ports.cloud.findDisk(cloudId);
  if (now === null || now.marker !== marker || now.attachments.length > 0 || !removable.has(now.status)) return false;
  await ports.budget();
  const options = { timeoutMs: ports.requestTimeoutMs, mayStillSend: () => true };
  return (await ports.cloud.deleteDisk(cloudId, options)).outcome === 'accepted';
};

/** Ever, not only now: what a disk once was is removed by its own deletion. */
const isAdopted = ({ events }: LoadedStream, cloudId: string): boolean =>
  events.some(({ data }) => data['cloudId'] === cloudId);

const isBusy = (stream: LoadedStream): boolean => {
  const disk = diskOf(stream);
  return disk.life !== 'absent' && disk.open !== null;
};
