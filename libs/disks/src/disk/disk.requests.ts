import { accept, alikeFaults, refuse, unreachable, type Decision } from '@strata/kernel';
import { attached } from './disk.attached.js';
import { diskCharges, sizeCharges, typeCharges, undecidedCharges } from './disk.charges.js';
import {
  LARGEST_DISK_GIB,
  LARGEST_SYSTEM_DISK_GIB,
  MOST_METADATA_BYTES,
  MOST_SERVERS,
  MOST_TAGS,
  type DiskCommand,
  type DiskRefusal,
} from './disk.commands.js';
import { diskEvent, type DiskChange, type DiskEvent } from './disk.events.js';
import { isMissing, isPresent, merged, type CloudKnownDisk, type Disk, type KnownDisk } from './disk.js';
import { busy } from './disk.busy.js';
import { lockedAgainstDeletion } from './disk.deletion-lock.js';
import { requestImage } from './disk.image.js';
import { notReady } from './disk.not-ready.js';
import { requestRecreation } from './disk.recreation.js';
import { requestRetype } from './disk.retype.js';
import {
  hasSnapshots,
  hasStuckSnapshots,
  requestRollback,
  requestSnapshot,
  withoutSnapshots,
} from './disk.snapshots.js';
import { allowedActions } from './disk.status.js';
import { requestOffer } from './disk.transfer.js';

type Decided = Decision<DiskEvent, DiskRefusal>;
type On<Type extends DiskCommand['type']> = Extract<DiskCommand, { type: Type }>;

/** What users ask of a disk that is there. */
export type UserRequest = Exclude<
  Extract<DiskCommand, { type: `Request${string}` }>,
  { type: 'RequestDisk' | 'RequestAdoption' | 'RequestSnapshotDeletion' }
>;

/** Whether anything of it differs from what the disk is already. */
const changes = (disk: CloudKnownDisk, change: DiskChange): boolean =>
  changesFlags(disk.traits, change) || changesTexts(disk, change);

const changesFlags = (traits: CloudKnownDisk['traits'], { bootable, readOnly }: DiskChange): boolean =>
  (bootable !== undefined && bootable !== traits.bootable) ||
  (readOnly !== undefined && readOnly !== (traits.readOnly ?? false));

const changesTexts = (disk: CloudKnownDisk, { name, description, tags = {}, metadata = {} }: DiskChange): boolean =>
  (name !== undefined && name !== disk.name) ||
  (description !== undefined && description !== disk.description) ||
  changesLabels(disk.tags, tags) ||
  changesLabels(disk.metadata, metadata);

const changesLabels = (labels: Readonly<Record<string, string>>, change: Readonly<Record<string, string | null>>) =>
  Object.entries(change).some(([key, value]) => (Object.hasOwn(labels, key) ? labels[key] : null) !== value);

const utf8 = new TextEncoder();

/** What the cloud bounds for tags and metadata as they will be. */
const labelsRefusal = (tags: Labels, metadata: Labels): Decision<never, DiskRefusal> | undefined => {
  if (Object.keys(tags).length > MOST_TAGS) return refuse({ type: 'too-many-tags', most: MOST_TAGS });
  const bytes = Object.entries(metadata).reduce((sum, entry) => sum + utf8.encode(entry.join('')).length, 0);
  return bytes > MOST_METADATA_BYTES
    ? refuse({ type: 'metadata-too-large', bytes, mostBytes: MOST_METADATA_BYTES })
    : undefined;
};

type Labels = Readonly<Record<string, string>>;

export const requestDisk = ({ type: _type, work, ...wanted }: On<'RequestDisk'>): Decided => {
  const { spec } = wanted;
  const tooMuch = labelsRefusal(spec.tags, spec.metadata);
  if (tooMuch) return tooMuch;
  return accept<DiskEvent>(diskEvent('DiskRequested', { ...work, ...wanted }, diskCharges.hold(spec)));
};

const requestChange = ({ change, work }: On<'RequestChange'>, disk: CloudKnownDisk): Decided => {
  if (!allowedActions(disk).includes('update')) return notReady(disk);
  const errors = [
    ...alikeFaults('tags', disk.tags, change.tags),
    ...alikeFaults('metadata', disk.metadata, change.metadata),
  ];
  if (errors.length > 0) return refuse({ type: 'invalid-request', errors });
  const tooMuch = labelsRefusal(merged(disk.tags, change.tags), merged(disk.metadata, change.metadata));
  if (tooMuch) return tooMuch;
  if (!changes(disk, change)) return accept<DiskEvent>();
  return accept<DiskEvent>(diskEvent('DiskChangeRequested', { ...work, change }));
};

/** A system disk stays one, also where it is attached as a data disk (EVS reference §1.5); what is larger never was one. */
const largestOf = ({ traits, sizeGiB }: CloudKnownDisk): number =>
  traits.bootable && sizeGiB <= LARGEST_SYSTEM_DISK_GIB ? LARGEST_SYSTEM_DISK_GIB : LARGEST_DISK_GIB;

const requestExtension = ({ sizeGiB, work }: On<'RequestExtension'>, disk: CloudKnownDisk): Decided => {
  if (!allowedActions(disk).includes('extend')) return notReady(disk);
  if (sizeGiB <= disk.sizeGiB) return refuse({ type: 'size-not-larger', sizeGiB: disk.sizeGiB, requestedGiB: sizeGiB });
  const largestGiB = largestOf(disk);
  if (sizeGiB > largestGiB) return refuse({ type: 'disk-too-large', requestedGiB: sizeGiB, largestGiB });
  const extension = { ...work, fromGiB: disk.sizeGiB, toGiB: sizeGiB };
  const charges = sizeCharges.hold(disk.type, sizeGiB - disk.sizeGiB);
  return accept<DiskEvent>(diskEvent('DiskExtensionRequested', extension, charges));
};

/** One server, or sixteen for a shareable disk (EVS reference §1.6). */
const requestAttachment = ({ serverId, device, work }: On<'RequestAttachment'>, disk: CloudKnownDisk): Decided => {
  if (disk.attachable === false) return refuse({ type: 'attach-not-offered' });
  const { attachments } = disk.traits;
  const there = attachments.find((attachment) => attachment.serverId === serverId);
  if (there) return refuse({ type: 'already-attached', serverId, device: there.device });
  const inTheWay = disk.traits.shareable ? undefined : attached(disk);
  if (!allowedActions(disk).includes('attach')) return inTheWay ?? notReady(disk);
  if (attachments.length >= MOST_SERVERS) return refuse({ type: 'too-many-servers', most: MOST_SERVERS });
  return accept<DiskEvent>(diskEvent('DiskAttachmentRequested', { ...work, serverId, device }));
};

const requestDetachment = ({ serverId, work }: On<'RequestDetachment'>, disk: CloudKnownDisk): Decided => {
  if (disk.attachable === false) return refuse({ type: 'attach-not-offered' });
  if (!disk.traits.attachments.some((attachment) => attachment.serverId === serverId))
    return refuse({ type: 'not-attached', serverId });
  if (!allowedActions(disk).includes('detach')) return notReady(disk);
  return accept<DiskEvent>(diskEvent('DiskDetachmentRequested', { ...work, serverId }));
};

/** A build that does not know of it stops before it, and would else let go of what is held for good. */
const undecidedKept = ({ type, undecidedGiB, undecidedMove = null }: KnownDisk): DiskEvent => {
  const held = [...sizeCharges.hold(type, undecidedGiB), ...(undecidedMove ? typeCharges.hold(undecidedMove) : [])];
  return diskEvent('DiskUndecidedKept', { undecidedGiB, undecidedMove }, held);
};

/** An undecided extension or retype is held on top of what is in use, until the disk is seen: gone, or what it came to. */
const requestDeletion = ({ snapshots = [], notBefore, work }: On<'RequestDeletion'>, disk: KnownDisk): Decided => {
  const locked = lockedAgainstDeletion(disk);
  if (locked) return locked;
  if (disk.life === 'requested')
    return accept<DiskEvent>(
      diskEvent('DiskDeletionRequested', work),
      diskEvent('DiskDeleted', { operationId: work.operationId }),
    );
  const alone = withoutSnapshots(disk, snapshots);
  const blocked = (isMissing(disk) ? undefined : attached(disk)) ?? hasStuckSnapshots(disk) ?? hasSnapshots(alone);
  if (blocked) return blocked;
  if (!allowedActions(alone).includes('delete')) return notReady(disk);
  const undecided = undecidedCharges(disk);
  const requested = notBefore === undefined ? work : { ...work, notBefore };
  return accept<DiskEvent>(
    diskEvent('DiskDeletionRequested', requested, [...diskCharges.release(disk), ...undecided]),
    ...(undecided.length > 0 ? [undecidedKept(disk)] : []),
  );
};

/** Requests of users: the disk must be there and free. */
export const request = (command: UserRequest, disk: Disk): Decided => {
  if (!isPresent(disk)) return refuse({ type: 'not-found' });
  const taken = busy(disk);
  if (taken !== null) return taken;
  if (command.type === 'RequestDeletion') return requestDeletion(command, disk);
  if (command.type === 'RequestAgain')
    return disk.life === 'requested'
      ? accept<DiskEvent>(diskEvent('DiskRequestedAgain', command.work, diskCharges.hold(disk)))
      : notReady(disk);
  if (disk.life === 'requested') return notReady(disk);
  switch (command.type) {
    case 'RequestChange':
      return requestChange(command, disk);
    case 'RequestExtension':
      return requestExtension(command, disk);
    case 'RequestRetype':
      return requestRetype(command, disk);
    case 'RequestAttachment':
      return requestAttachment(command, disk);
    case 'RequestDetachment':
      return requestDetachment(command, disk);
    case 'RequestSnapshot':
      return requestSnapshot(command, disk);
    case 'RequestRollback':
      return requestRollback(command, disk);
    case 'RequestOffer':
      return requestOffer(command, disk);
    case 'RequestImage':
      return requestImage(command, disk);
    case 'RequestRefresh':
      return accept<DiskEvent>(diskEvent('DiskRefreshRequested', command.work));
    case 'RequestRecreation':
      return requestRecreation(command, disk);
    default:
      return unreachable(command);
  }
};
