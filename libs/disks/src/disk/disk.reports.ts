import { accept, unreachable, type Decision } from '@strata/kernel';
import { adoptionFailed, recordAdopted } from './disk.adoption.js';
import { diskCharges, observedMove, sizeCharges, typeCharges, undecidedCharges } from './disk.charges.js';
import type { DiskCommand, DiskRefusal } from './disk.commands.js';
import { diskEvent, type DiskEvent, type DiskSighting, type Work } from './disk.events.js';
import { recordQuarantined } from './disk.quarantine.js';
import {
  faultSeen,
  isMissing,
  isPresent,
  snapshotsOf,
  staysStuck,
  stillUndecided,
  type CloudKnownDisk,
  type Disk,
  type Doing,
  type KnownDisk,
} from './disk.js';
import { recordRecreated, recreationFailed } from './disk.recreation.js';
import type { SnapshotSighted } from './disk.snapshot-sightings.js';
import { recordRetyped, recordRetypeFailed } from './disk.retype.js';

type Decided = Decision<DiskEvent, DiskRefusal>;
type On<Type extends DiskCommand['type']> = Extract<DiskCommand, { type: Type }>;

/** A report counts only while its operation is the one that works on the disk; repeated, it is not news. */
const doingOf = (disk: Disk, operationId: string): Doing | null =>
  isPresent(disk) && disk.open?.operationId === operationId ? disk.open.doing : null;

const recordFailed = (failed: On<'RecordFailed'>, disk: KnownDisk, doing: Doing): Decided => {
  const { fault, broken, seen, ...command } = failed;
  const operationId = command.operationId as Work['operationId'];
  switch (doing) {
    case 'change':
      return accept<DiskEvent>(diskEvent('DiskChangeFailed', { operationId, fault }));
    case 'extend':
      return broken
        ? accept<DiskEvent>(diskEvent('DiskExtensionBroken', { operationId, fault, ...(seen && { seen }) }))
        : accept<DiskEvent>(
            diskEvent('DiskExtensionFailed', { operationId, fault }, sizeCharges.unhold(disk.type, disk.undecidedGiB)),
          );
    case 'retype':
      return recordRetypeFailed(operationId, fault, broken ? 'unknown' : 'as-it-was', disk);
    case 'attach':
      return accept<DiskEvent>(diskEvent('DiskAttachmentFailed', { operationId, fault }));
    case 'detach':
      return accept<DiskEvent>(diskEvent('DiskDetachmentFailed', { operationId, fault }));
    case 'snapshot': {
      const began = snapshotsOf(disk).find(({ made }) => !made);
      return began
        ? accept<DiskEvent>(diskEvent('DiskSnapshotDropped', { operationId, snapshotId: began.snapshotId }))
        : accept<DiskEvent>();
    }
    case 'roll-back': {
      const left = broken ? 'broken' : 'as-it-was';
      return accept<DiskEvent>(diskEvent('DiskRollbackFailed', { operationId, fault, left }));
    }
    case 'transfer': {
      const left = broken ? 'unknown' : 'as-it-was';
      return accept<DiskEvent>(diskEvent('DiskHandoverFailed', { operationId, fault, left }));
    }
    case 'image':
      return accept<DiskEvent>(diskEvent('DiskImageFailed', { operationId, fault }));
    case 'delete':
      return accept<DiskEvent>(
        diskEvent('DiskDeletionFailed', { operationId, fault, broken, ...(seen && { seen }) }, diskCharges.keep(disk)),
      );
    case 'refresh':
      return accept<DiskEvent>(diskEvent('DiskRefreshEnded', { operationId }));
    case 'adopt':
      return adoptionFailed(failed, disk);
    case 'recreate':
      return accept<DiskEvent>(recreationFailed({ operationId, fault, cloudId: null }, disk));
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
      [view.bootable, view.shareable, view.encrypted, view.readOnly ?? false, view.attachments],
      [sorted(view.tags), sorted(view.metadata)],
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
    (disk.undecidedGiB !== 0 && !staysStuck(disk, sighting)) ||
    stillUndecided(disk, sighting) !== (disk.undecidedMove ?? null) ||
    faultSeen(disk, sighting)?.code !== disk.fault?.code
  );
};

/** A look decides an extension, unless that is stuck: then what is held of it goes along to another type. */
const decidedCharges = (disk: CloudKnownDisk, sighting: DiskSighting) => {
  const extension = sizeCharges.unhold(disk.type, disk.undecidedGiB);
  const isDecided = stillUndecided(disk, sighting) === null;
  const retype = disk.undecidedMove && isDecided ? typeCharges.unhold(disk.undecidedMove) : [];
  if (!staysStuck(disk, sighting)) return [...extension, ...retype];
  return disk.type === sighting.type ? [] : [...extension, ...sizeCharges.hold(sighting.type, disk.undecidedGiB)];
};

/** Moves what is in use to what was seen, in size and in type, and ends what was undecided. */
const observedCharges = (disk: CloudKnownDisk, sighting: DiskSighting) => [
  ...decidedCharges(disk, sighting),
  ...(disk.type === sighting.type
    ? sizeCharges.observe(disk.type, sighting.sizeGiB - disk.sizeGiB)
    : observedMove(disk, sighting)),
];

/** What a look at the cloud says of the disk: news where it differs from what was known. */
export const recordSeen = ({ operationId, sighting }: On<'RecordSeen'>, disk: KnownDisk): Decided => {
  const events: DiskEvent[] = [];
  const refreshes = operationId !== null && doingOf(disk, operationId) === 'refresh';
  // What is seen under another id is another disk. While something works on the disk only its own report counts: a look may be older than the work, and what is being
  // released or extended is charged by its end.
  if (disk.life === 'in-cloud' && (disk.open === null || refreshes)) {
    const isOfIt = sighting?.cloudId === disk.cloudId;
    if (sighting !== null && isOfIt && differs(disk, sighting))
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

/** What a worker reports of the work under way. */
export const record = (
  command: Exclude<
    DiskCommand,
    | {
        type:
          | `Request${string}`
          | 'RecordSeen'
          | 'RecordSnapshotStayed'
          | 'EndOffer'
          | 'Receive'
          | 'BeginHandover'
          | 'CompleteHandover'
          | 'LockDeletion'
          | 'UnlockDeletion';
      }
    | SnapshotSighted
  >,
  disk: Disk,
): Decided => {
  const doing = doingOf(disk, command.operationId);
  if (doing === null || !isPresent(disk)) return accept<DiskEvent>();
  const operationId = command.operationId as Work['operationId'];
  switch (command.type) {
    case 'RecordProvisioned': {
      if (doing === 'recreate') return accept<DiskEvent>(recordRecreated(command, disk));
      const { cloudId, inherited } = command;
      const made = { operationId, cloudId, ...(inherited && { inherited }) };
      return doing === 'create'
        ? accept<DiskEvent>(diskEvent('DiskProvisioned', made, diskCharges.confirm(disk)))
        : accept<DiskEvent>();
    }
    case 'RecordCreationFailed': {
      if (doing === 'recreate') return accept<DiskEvent>(recordRecreated(command, disk));
      const { fault, cloudId } = command;
      const charges = cloudId === null ? diskCharges.unhold(disk) : diskCharges.confirm(disk);
      return doing === 'create'
        ? accept<DiskEvent>(diskEvent('DiskCreationFailed', { operationId, fault, cloudId }, charges))
        : accept<DiskEvent>();
    }
    case 'RecordAdopted':
      return doing === 'adopt' ? recordAdopted(command, disk) : accept<DiskEvent>();
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
    case 'RecordRetyped':
      return doing === 'retype' ? recordRetyped(operationId, disk) : accept<DiskEvent>();
    case 'RecordAttached': {
      const { serverId, device } = command;
      return doing === 'attach'
        ? accept<DiskEvent>(diskEvent('DiskAttached', { operationId, serverId, device }))
        : accept<DiskEvent>();
    }
    case 'RecordDetached':
      return doing === 'detach'
        ? accept<DiskEvent>(diskEvent('DiskDetached', { operationId, serverId: command.serverId }))
        : accept<DiskEvent>();
    case 'RecordSnapshotKept':
      return doing === 'snapshot'
        ? accept<DiskEvent>(diskEvent('DiskSnapshotKept', { operationId, snapshotId: command.snapshotId }))
        : accept<DiskEvent>();
    case 'RecordRolledBack':
      return doing === 'roll-back'
        ? accept<DiskEvent>(diskEvent('DiskRolledBack', { operationId }))
        : accept<DiskEvent>();
    case 'RecordRollbackFailed': {
      const { fault, left, seen } = command;
      return doing === 'roll-back'
        ? accept<DiskEvent>(diskEvent('DiskRollbackFailed', { operationId, fault, left, ...(seen && { seen }) }))
        : accept<DiskEvent>();
    }
    case 'RecordImageMade':
      return doing === 'image'
        ? accept<DiskEvent>(diskEvent('DiskImageMade', { operationId, imageId: command.imageId }))
        : accept<DiskEvent>();
    case 'RecordDeleted':
      return doing === 'delete'
        ? accept<DiskEvent>(
            diskEvent('DiskDeleted', { operationId }, [...diskCharges.free(disk), ...undecidedCharges(disk)]),
          )
        : accept<DiskEvent>();
    case 'RecordFailed':
      return recordFailed(command, disk, doing);
    case 'RecordQuarantined':
      return recordQuarantined(command, disk, doing);
    default:
      return unreachable(command);
  }
};
