import type { CloudDisk } from '@strata/cloud';
import { everything, type LoadedStream } from '@strata/event-store';
import { DiskId, OperationId, type BindingId, type ProjectId } from '@strata/kernel';
import { historyOf, isOpen } from '@strata/operations';
import { DiskSighting } from '../disk/disk.events.js';
import { diskOf, diskStream } from '../disk/disk.stream.js';
import { isMissing, type Disk } from '../disk/index.js';
import type { SweepPorts } from './sweep.ports.js';

/** What a disk with a marker is that the view does not know. */
export type Marked =
  /** Its operation adopted it, or works still: nothing to say before that has ended. */
  | { readonly is: 'ours' }
  | { readonly is: 'foreign' }
  /** Somebody else's: an operation of ours marked it and came to nothing. */
  | { readonly is: 'unclaimed' }
  /** It was missing, and a new one has taken its place since. */
  | { readonly is: 'left-behind'; readonly projectId: ProjectId; readonly diskId: DiskId }
  /** It came here from another binding, and the log does not know: there it is missing, or was deleted since. */
  | { readonly is: 'moved' }
  /** The log has it as deleted, here. */
  | DeletedDisk
  /** No disk of the log is it, and its operation has ended. */
  | { readonly is: 'surplus'; readonly projectId: ProjectId; readonly diskId: DiskId };

export interface DeletedDisk {
  readonly is: 'deleted';
  /** In which it was. */
  readonly projectId: ProjectId;
  readonly diskId: DiskId;
  /** RFC 3339. */
  readonly deletedAt: string;
}

/** Kinds of operations of which a disk with their marker can only come. */
const makesDisks: ReadonlySet<string> = new Set(['disk.create', 'disk.recreate']);

/** What a disk is that a binding has. Told by the log alone. */
export const markedOf = async (
  { store }: Pick<SweepPorts, 'store'>,
  bindingId: BindingId,
  { cloudId, marker }: CloudDisk,
): Promise<Marked> => {
  const operationId = OperationId.safeParse(marker?.split('.')[0]);
  if (!operationId.success) return { is: 'foreign' };
  const [stream] = (await store.load({ sight: everything, streams: [`operation-${operationId.data}`] })).streams;
  if (stream === undefined || stream.version === 0) return { is: 'foreign' };
  const { operation } = historyOf(stream);
  if (operation.status === 'absent' || isOpen(operation) || operation.target.type !== 'disk') return { is: 'ours' };
  const { target, projectId } = operation;
  const [disk] = (await store.load({ sight: everything, streams: [diskStream(target.id)] })).streams;
  if (disk === undefined || isBusy(disk)) return { is: 'ours' };
  const ids = { projectId, diskId: DiskId.parse(target.id) };
  if (isAdopted(disk, cloudId)) {
    if (isReplaced(disk, cloudId)) return { is: 'left-behind', ...ids };
    if (isLostElsewhere(diskOf(disk), bindingId)) return { is: 'moved' };
    return deletionOf(disk, ids.diskId) ?? { is: 'ours' };
  }
  // Whatever another kind wrote its marker on was there before, and is not ours to remove.
  return makesDisks.has(operation.kind) ? { is: 'surplus', ...ids } : { is: 'unclaimed' };
};

/** States in which the cloud accepts a deletion (EVS reference §2.1). */
const removable = new Set<CloudDisk['status']>(['available', 'error', 'error-extending']);

/**
 * Removes a resource with a marker of ours that its operation did not adopt: a write that took effect after its attempt was
 * given up. Only while nothing uses it. `gone`: somebody else was quicker.
 */
export const removeSurplus = async (
  ports: SweepPorts,
  { cloudId, marker }: CloudDisk,
): Promise<'removed' | 'left' | 'gone'> => {
  await ports.budget();
  const now = await ports.cloud.findDisk(cloudId);
  if (now === null) return 'gone';
  if (now.marker !== marker || now.marks === 'mixed') return 'left';
  if (now.attachments.length > 0 || !removable.has(now.status)) return 'left';
  await ports.budget();
  // Somebody uses it: the cloud would delete their snapshots with it (EVS reference §1.5).
  if (((await ports.cloud.snapshots?.findSnapshotsOfDisk(cloudId)) ?? []).length > 0) return 'left';
  await ports.budget();
  const options = { timeoutMs: ports.requestTimeoutMs, mayStillSend: () => true };
  return (await ports.cloud.deleteDisk(cloudId, options)).outcome === 'accepted' ? 'removed' : 'left';
};

/** Ever, not only now: what a disk once was is never surplus, also where its own deletion did not remove it. */
const isAdopted = ({ events }: LoadedStream, cloudId: string): boolean =>
  events.some(
    ({ type, data }) =>
      (type !== 'DiskAdoptionRequested' && data['cloudId'] === cloudId) ||
      (type === 'DiskAdopted' && DiskSighting.parse(data['sighting']).cloudId === cloudId),
  );

/** Made anew in another one's place, also where that was deleted since: by a project, perhaps, that never had this one. */
const isReplaced = (stream: LoadedStream, cloudId: string): boolean => {
  const deletion = stream.events.findIndex(({ type }) => type === 'DiskDeleted');
  const disk = diskOf(deletion === -1 ? stream : { ...stream, events: stream.events.slice(0, deletion) });
  return disk.life === 'in-cloud' && disk.cloudId !== cloudId;
};

const isLostElsewhere = (disk: Disk, bindingId: BindingId): boolean =>
  disk.life !== 'absent' &&
  disk.bindingId !== bindingId &&
  (disk.life === 'deleted' || (disk.life === 'in-cloud' && isMissing(disk)));

/** Of a disk that is deleted: nothing follows on that. */
const deletionOf = ({ events }: LoadedStream, diskId: DiskId): DeletedDisk | undefined => {
  const deletion = events.findLast(({ type }) => type === 'DiskDeleted');
  return deletion && { is: 'deleted', projectId: deletion.projectId, diskId, deletedAt: deletion.recordedAt };
};

const isBusy = (stream: LoadedStream): boolean => {
  const disk = diskOf(stream);
  return disk.life !== 'absent' && disk.open !== null;
};
