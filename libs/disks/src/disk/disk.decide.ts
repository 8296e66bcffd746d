import { accept, refuse, unreachable, type Decision } from '@strata/kernel';
import { diskCharges, observedMove, sizeCharges } from './disk.charges.js';
import {
  LARGEST_DISK_GIB,
  MOST_METADATA_BYTES,
  MOST_TAGS,
  type DiskCommand,
  type DiskRefusal,
} from './disk.commands.js';
import { diskEvent, type DiskChange, type DiskEvent, type DiskSighting, type Work } from './disk.events.js';
import {
  faultSeen,
  isMissing,
  isPresent,
  merged,
  type CloudKnownDisk,
  type Disk,
  type Doing,
  type KnownDisk,
} from './disk.js';
import { allowedActions, statusOf } from './disk.status.js';

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
  refuse({ type: 'disk-not-ready', diskStatus: statusOf(disk), allowed: allowedActions(disk) });

/** Whether anything of it differs from what the disk is already. */
const changes = (disk: CloudKnownDisk, { name, description, tags = {}, metadata = {} }: DiskChange): boolean =>
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

const requestChange = ({ change, work }: On<'RequestChange'>, disk: CloudKnownDisk): Decided => {
  if (!allowedActions(disk).includes('update')) return notReady(disk);
  const tooMuch = labelsRefusal(merged(disk.tags, change.tags), merged(disk.metadata, change.metadata));
  if (tooMuch) return tooMuch;
  if (!changes(disk, change)) return accept<DiskEvent>();
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

/** An undecided extension is held on top of the size in use, and both end with the disk. */
const requestDeletion = ({ work }: On<'RequestDeletion'>, disk: KnownDisk): Decided => {
  if (disk.life === 'requested')
    return accept<DiskEvent>(
      diskEvent('DiskDeletionRequested', work),
      diskEvent('DiskDeleted', { operationId: work.operationId }),
    );
  const servers = disk.traits.attachments.map(({ serverId }) => serverId);
  if (servers.length > 0 && !isMissing(disk))
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
      return accept<DiskEvent>(diskEvent('DiskDeletionFailed', { operationId, fault, broken }, diskCharges.keep(disk)));
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
  return (
    comparable(known) !== comparable(sighting) ||
    disk.undecidedGiB !== 0 ||
    faultSeen(disk, sighting)?.code !== disk.fault?.code
  );
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
  const refreshes = operationId !== null && doingOf(disk, operationId) === 'refresh';
  // While something works on the disk only its own report counts: a look may be older than the work, and what is being
  // released or extended is charged by its end.
  if (disk.life === 'in-cloud' && (disk.open === null || refreshes)) {
    if (sighting !== null && differs(disk, sighting))
      events.push(diskEvent('DiskObserved', { sighting }, observedCharges(disk, sighting)));
    if (sighting === null && !isMissing(disk)) events.push(diskEvent('DiskFoundMissing', {}));
  }
  if (refreshes) events.push(diskEvent('DiskRefreshEnded', { operationId: operationId as Work['operationId'] }));
  return accept(...events);
};

/** What was held becomes used; should the cloud have made it another size, the rest is observed. */
const extendedCharges = (disk: KnownDisk, sizeGiB: number) => [
  ...sizeCharges.confirm(disk.type, disk.undecidedGiB),
  ...sizeCharges.observe(disk.type, sizeGiB - disk.sizeGiB - disk.undecidedGiB),
];

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
              extendedCharges(disk, command.sizeGiB),
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
      const tooMuch = labelsRefusal(spec.tags, spec.metadata);
      if (tooMuch) return tooMuch;
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
