import {
  accept,
  refuse,
  unreachable,
  type BindingId,
  type Decision,
  type DiskId,
  type ProjectId,
} from '@strata/kernel';
import { diskCharges, observedMove, sizeCharges } from './disk.charges.js';
import {
  diskEvent,
  type DiskChange,
  type DiskEvent,
  type DiskFault,
  type DiskSighting,
  type DiskSpec,
  type Work,
} from './disk.events.js';
import { isPresent, type CloudKnownDisk, type Disk, type Doing, type KnownDisk } from './disk.js';
import { allowedActions, statusOf, type DiskAction } from './disk.status.js';

/** Largest data disk (EVS reference §8.5), in GiB; a binding may allow less (`per_disk_gigabytes`). */
export const LARGEST_DISK_GIB = 32_768;
export const SMALLEST_DISK_GIB = 10;

export type DiskCommand =
  | {
      readonly type: 'RequestDisk';
      readonly diskId: DiskId;
      readonly projectId: ProjectId;
      readonly bindingId: BindingId;
      readonly spec: DiskSpec;
      readonly work: Work;
    }
  | { readonly type: 'RequestAgain'; readonly work: Work }
  | { readonly type: 'RequestChange'; readonly change: DiskChange; readonly work: Work }
  | { readonly type: 'RequestExtension'; readonly sizeGiB: number; readonly work: Work }
  | { readonly type: 'RequestDeletion'; readonly work: Work }
  | { readonly type: 'RequestRefresh'; readonly work: Work }
  | { readonly type: 'RecordProvisioned'; readonly operationId: string; readonly cloudId: string }
  | {
      readonly type: 'RecordCreationFailed';
      readonly operationId: string;
      readonly fault: DiskFault;
      readonly cloudId: string | null;
    }
  | { readonly type: 'RecordChanged'; readonly operationId: string; readonly change: DiskChange }
  | { readonly type: 'RecordExtended'; readonly operationId: string; readonly sizeGiB: number }
  | { readonly type: 'RecordDeleted'; readonly operationId: string }
  /** The work came to nothing; `broken` when the cloud left the disk unusable. */
  | { readonly type: 'RecordFailed'; readonly operationId: string; readonly fault: DiskFault; readonly broken: boolean }
  /** `operationId` of the refresh that looked, or null when a sweep did. */
  | { readonly type: 'RecordSeen'; readonly operationId: string | null; readonly sighting: DiskSighting | null };

export type DiskRefusal =
  | { readonly type: 'not-found' }
  | {
      readonly type: 'disk-busy';
      readonly blockers: readonly { readonly kind: 'operation'; readonly id: string; readonly reason: string }[];
    }
  | {
      readonly type: 'disk-attached';
      readonly blockers: readonly { readonly kind: 'server'; readonly id: string; readonly reason: string }[];
    }
  | { readonly type: 'size-not-larger'; readonly sizeGiB: number; readonly requestedGiB: number }
  | { readonly type: 'disk-too-large'; readonly requestedGiB: number; readonly largestGiB: number }
  /** Its state does not allow it; `allowed` says what it does allow. */
  | { readonly type: 'disk-not-ready'; readonly status: string; readonly allowed: readonly DiskAction[] }
  | { readonly type: 'too-many-tags'; readonly most: number };

/** Nine for users: the tenth of the cloud's ten per disk (EVS reference §8.5) carries Strata's marker. */
export const MOST_TAGS = 9;

type Decided = Decision<DiskEvent, DiskRefusal>;
type On<Type extends DiskCommand['type']> = Extract<DiskCommand, { type: Type }>;

const busy = (disk: KnownDisk): Decision<never, DiskRefusal> | null =>
  disk.open === null
    ? null
    : refuse({
        type: 'disk-busy',
        blockers: [
          { kind: 'operation', id: disk.open.shownAs, reason: `disk.${wordFor[disk.open.doing]} is under way` },
        ],
      });

const wordFor: Record<Doing, string> = {
  create: 'create',
  change: 'update',
  extend: 'extend',
  delete: 'delete',
  refresh: 'refresh',
};

const notReady = (disk: Disk): Decision<never, DiskRefusal> =>
  refuse({ type: 'disk-not-ready', status: statusOf(disk), allowed: allowedActions(disk) });

const requestChange = ({ change, work }: On<'RequestChange'>, disk: CloudKnownDisk): Decided => {
  if (!allowedActions(disk).includes('update')) return notReady(disk);
  const tags = Object.entries({ ...disk.tags, ...change.tags }).filter(([, value]) => value !== null);
  if (tags.length > MOST_TAGS) return refuse({ type: 'too-many-tags', most: MOST_TAGS });
  return accept<DiskEvent>(diskEvent('DiskChangeRequested', { ...work, change }));
};

const requestExtension = ({ sizeGiB, work }: On<'RequestExtension'>, disk: CloudKnownDisk): Decided => {
  if (!allowedActions(disk).includes('extend')) return notReady(disk);
  if (sizeGiB <= disk.sizeGiB) return refuse({ type: 'size-not-larger', sizeGiB: disk.sizeGiB, requestedGiB: sizeGiB });
  if (sizeGiB > LARGEST_DISK_GIB)
    return refuse({ type: 'disk-too-large', requestedGiB: sizeGiB, largestGiB: LARGEST_DISK_GIB });
  const extension = { ...work, fromGiB: disk.sizeGiB, toGiB: sizeGiB };
  const charges = sizeCharges.hold(disk.type, sizeGiB - disk.sizeGiB);
  return accept<DiskEvent>(diskEvent('DiskExtensionRequested', extension, charges));
};

/** What a disk is charged as while it is at rest: an undecided extension is held on top of the size in use. */
const requestDeletion = ({ work }: On<'RequestDeletion'>, disk: KnownDisk): Decided => {
  if (disk.life === 'requested')
    return accept<DiskEvent>(
      diskEvent('DiskDeletionRequested', work),
      diskEvent('DiskDeleted', { operationId: work.operationId }),
    );
  const servers = disk.traits.attachments.map(({ serverId }) => serverId);
  if (servers.length > 0)
    return refuse({
      type: 'disk-attached',
      blockers: servers.map((id) => ({ kind: 'server', id, reason: 'the disk is attached to it' })),
    });
  if (!allowedActions(disk).includes('delete')) return notReady(disk);
  const undecided = sizeCharges.unhold(disk.type, disk.undecidedGiB);
  return accept<DiskEvent>(diskEvent('DiskDeletionRequested', work, [...diskCharges.release(disk), ...undecided]));
};

/** Requests of users: the disk must be there and free. */
const request = (
  command: On<'RequestAgain' | 'RequestChange' | 'RequestExtension' | 'RequestDeletion' | 'RequestRefresh'>,
  disk: Disk,
): Decided => {
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
    case 'RequestRefresh':
      return accept<DiskEvent>(diskEvent('DiskRefreshRequested', command.work));
    default:
      return unreachable(command);
  }
};

/** A report counts only while its operation is the one that works on the disk; repeated, it is not news. */
const doingOf = (disk: Disk, operationId: string): Doing | null =>
  isPresent(disk) && disk.open?.operationId === operationId ? disk.open.doing : null;

const recordFailed = ({ fault, broken, ...command }: On<'RecordFailed'>, disk: KnownDisk, doing: Doing): Decided => {
  const operationId = command.operationId as Work['operationId'];
  switch (doing) {
    case 'change':
      return accept<DiskEvent>(diskEvent('DiskChangeFailed', { operationId, fault }));
    case 'extend':
      return broken
        ? accept<DiskEvent>(diskEvent('DiskExtensionBroken', { operationId, fault }))
        : accept<DiskEvent>(
            diskEvent('DiskExtensionFailed', { operationId, fault }, sizeCharges.unhold(disk.type, disk.undecidedGiB)),
          );
    case 'delete':
      return accept<DiskEvent>(diskEvent('DiskDeletionFailed', { operationId, fault }, diskCharges.keep(disk)));
    case 'refresh':
      return accept<DiskEvent>(diskEvent('DiskRefreshEnded', { operationId }));
    case 'create':
      return accept<DiskEvent>(
        diskEvent('DiskCreationFailed', { operationId, fault, cloudId: null }, diskCharges.unhold(disk)),
      );
  }
};

/** The same facts in another order of members are not news. */
const differs = (disk: CloudKnownDisk, sighting: DiskSighting): boolean => {
  const sorted = (labels: Record<string, string>) => Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  const comparable = (view: DiskSighting) =>
    JSON.stringify([
      [view.cloudId, view.status, view.cloudStatus, view.name, view.description, view.sizeGiB, view.type],
      [view.bootable, view.shareable, view.encrypted, view.attachments, sorted(view.tags), sorted(view.metadata)],
    ]);
  const { cloudId, condition, cloudStatus, traits, name, description, sizeGiB, type, tags, metadata } = disk;
  const known = {
    cloudId,
    status: condition,
    cloudStatus,
    name,
    description,
    sizeGiB,
    type,
    tags,
    metadata,
    ...traits,
  };
  return comparable(known) !== comparable(sighting) || disk.undecidedGiB !== 0 || disk.fault !== null;
};

/** Moves what is in use to what was seen, in size and in type, and ends an undecided extension. */
const observedCharges = (disk: CloudKnownDisk, sighting: DiskSighting) => [
  ...sizeCharges.unhold(disk.type, disk.undecidedGiB),
  ...(disk.type === sighting.type
    ? sizeCharges.observe(disk.type, sighting.sizeGiB - disk.sizeGiB)
    : observedMove(disk, sighting)),
];

const recordSeen = ({ operationId, sighting }: On<'RecordSeen'>, disk: KnownDisk): Decided => {
  const events: DiskEvent[] = [];
  // While something else works on the disk only its own report counts: a look may be older than the work.
  if (disk.life === 'in-cloud' && (disk.open === null || disk.open.operationId === operationId)) {
    if (sighting !== null && differs(disk, sighting))
      events.push(diskEvent('DiskObserved', { sighting }, observedCharges(disk, sighting)));
    if (sighting === null && disk.fault?.code !== 'missing-in-cloud') events.push(diskEvent('DiskFoundMissing', {}));
  }
  if (operationId !== null && doingOf(disk, operationId) === 'refresh')
    events.push(diskEvent('DiskRefreshEnded', { operationId: operationId as Work['operationId'] }));
  return accept(...events);
};

const record = (
  command: Exclude<DiskCommand, { type: `Request${string}` } | { type: 'RecordSeen' }>,
  disk: Disk,
): Decided => {
  const doing = doingOf(disk, command.operationId);
  if (doing === null || !isPresent(disk)) return accept<DiskEvent>();
  const operationId = command.operationId as Work['operationId'];
  switch (command.type) {
    case 'RecordProvisioned':
      return doing === 'create'
        ? accept<DiskEvent>(
            diskEvent('DiskProvisioned', { operationId, cloudId: command.cloudId }, diskCharges.confirm(disk)),
          )
        : accept<DiskEvent>();
    case 'RecordCreationFailed': {
      const { fault, cloudId } = command;
      const charges = cloudId === null ? diskCharges.unhold(disk) : diskCharges.confirm(disk);
      return doing === 'create'
        ? accept<DiskEvent>(diskEvent('DiskCreationFailed', { operationId, fault, cloudId }, charges))
        : accept<DiskEvent>();
    }
    case 'RecordChanged':
      return doing === 'change'
        ? accept<DiskEvent>(diskEvent('DiskChanged', { operationId, change: command.change }))
        : accept<DiskEvent>();
    case 'RecordExtended':
      return doing === 'extend'
        ? accept<DiskEvent>(
            diskEvent(
              'DiskExtended',
              { operationId, sizeGiB: command.sizeGiB },
              sizeCharges.confirm(disk.type, command.sizeGiB - disk.sizeGiB),
            ),
          )
        : accept<DiskEvent>();
    case 'RecordDeleted':
      return doing === 'delete'
        ? accept<DiskEvent>(diskEvent('DiskDeleted', { operationId }, diskCharges.free(disk)))
        : accept<DiskEvent>();
    case 'RecordFailed':
      return recordFailed(command, disk, doing);
    default:
      return unreachable(command);
  }
};

export const decideDisk = (command: DiskCommand, disk: Disk): Decided => {
  switch (command.type) {
    case 'RequestDisk': {
      if (disk.life !== 'absent') return accept<DiskEvent>();
      const { diskId, projectId, bindingId, spec, work } = command;
      if (Object.keys(spec.tags).length > MOST_TAGS) return refuse({ type: 'too-many-tags', most: MOST_TAGS });
      const requested = { ...work, diskId, projectId, bindingId, spec };
      return accept<DiskEvent>(diskEvent('DiskRequested', requested, diskCharges.hold(spec)));
    }
    case 'RecordSeen':
      return isPresent(disk) ? recordSeen(command, disk) : accept<DiskEvent>();
    case 'RequestAgain':
    case 'RequestChange':
    case 'RequestExtension':
    case 'RequestDeletion':
    case 'RequestRefresh':
      return request(command, disk);
    default:
      return record(command, disk);
  }
};
