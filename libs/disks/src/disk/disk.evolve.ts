import { unreachable, type SnapshotId } from '@strata/kernel';
import type { DiskEvent, DiskEventOf, DiskFault, DiskSighting, Work } from './disk.events.js';
import { received } from './disk.transfer.js';
import {
  faultSeen,
  initialDisk,
  isPresent,
  merged,
  missingInCloud,
  snapshotsOf,
  staysStuck,
  type CloudKnownDisk,
  type Disk,
  type DiskSnapshot,
  type Doing,
  type DiskDetails,
  type KnownDisk,
} from './disk.js';

const plainTraits: CloudKnownDisk['traits'] = { bootable: false, shareable: false, encrypted: false, attachments: [] };

const inCloud = (disk: DiskDetails, cloudId: string, condition: string): CloudKnownDisk => ({
  ...disk,
  life: 'in-cloud',
  cloudId,
  condition,
  cloudStatus: condition,
  traits: {
    ...plainTraits,
    shareable: disk.shareable ?? false,
    encrypted: disk.encryption !== undefined,
  },
});

const seen = (disk: KnownDisk, sighting: DiskSighting): Disk => {
  const { cloudId, status, cloudStatus, bootable, shareable, encrypted, attachments, ...spec } = sighting;
  const traits = { bootable, shareable, encrypted, attachments };
  return {
    ...disk,
    ...spec,
    life: 'in-cloud',
    cloudId,
    condition: status,
    cloudStatus,
    traits,
    fault: faultSeen(disk, sighting),
    undecidedGiB: staysStuck(disk, sighting) ? disk.undecidedGiB : 0,
  };
};

/** Left unusable by a piece of work; what the cloud calls it is seen at the next look. */
const broken = (disk: KnownDisk, condition: string, fault: DiskFault): Disk => {
  const ended = { ...disk, open: null, fault };
  return ended.life === 'in-cloud' ? { ...ended, condition } : ended;
};

const quarantined = (disk: KnownDisk, { fault, cloudId, condition, cloudStatus }: Quarantine): Disk => {
  const ended = { ...disk, open: null, fault };
  return ended.life === 'in-cloud'
    ? { ...ended, condition, cloudStatus }
    : { ...inCloud(ended, cloudId, condition), cloudStatus };
};

type Quarantine = DiskEventOf<'DiskQuarantined'>['data'];

const withoutSnapshot = (disk: KnownDisk, snapshotId: SnapshotId): readonly DiskSnapshot[] =>
  snapshotsOf(disk).filter((each) => each.snapshotId !== snapshotId);

/** It is possible only while nothing is attached. */
const rolledBack = (disk: KnownDisk): Disk => {
  const mended = { ...disk, open: null, fault: null };
  return mended.life === 'in-cloud' ? { ...mended, condition: 'available', cloudStatus: 'available' } : mended;
};

const rollbackFailed = (disk: KnownDisk, { fault, left }: DiskEventOf<'DiskRollbackFailed'>['data']): Disk => {
  switch (left) {
    case 'as-it-was':
      return { ...disk, open: null };
    case 'broken':
      return broken(disk, 'error-rolling-back', fault);
    case 'unknown':
      return disk.life === 'in-cloud' ? { ...disk, condition: 'unknown', cloudStatus: 'unknown', open: null } : disk;
  }
};

type Attachments = CloudKnownDisk['traits']['attachments'];

/** Attached to the others as before, and to this server as `change` says. */
const attachedTo = (disk: KnownDisk, change: (others: Attachments) => Attachments, serverId: string): Disk => {
  if (disk.life !== 'in-cloud') return disk;
  const attachments = change(disk.traits.attachments.filter((attachment) => attachment.serverId !== serverId));
  const condition = attachments.length > 0 ? 'in-use' : 'available';
  return { ...disk, condition, cloudStatus: condition, traits: { ...disk.traits, attachments }, open: null };
};

const began = (disk: KnownDisk, work: Work, doing: Doing): Disk => ({
  ...disk,
  open: { operationId: work.operationId, shownAs: work.shownAs, doing },
});

const deletionBegan = (disk: KnownDisk, data: DiskEventOf<'DiskDeletionRequested'>['data']): Disk => {
  const { operationId, shownAs, notBefore } = data;
  return { ...disk, open: { operationId, shownAs, doing: 'delete', ...(notBefore !== undefined && { notBefore }) } };
};

export const evolveDisk = (disk: Disk, event: DiskEvent): Disk => {
  if (event.type === 'DiskRequested') {
    const { diskId, projectId, bindingId, spec, operationId, shownAs } = event.data;
    const open = { operationId, shownAs, doing: 'create' } as const;
    return { ...spec, diskId, projectId, bindingId, life: 'requested', open, fault: null, undecidedGiB: 0 };
  }
  if (event.type === 'DiskReceived') return received(event.data);
  if (!isPresent(disk)) return disk;
  switch (event.type) {
    case 'DiskRequestedAgain':
      return began({ ...disk, fault: null }, event.data, 'create');
    case 'DiskProvisioned': {
      const made = inCloud({ ...disk, open: null, fault: null }, event.data.cloudId, 'available');
      return { ...made, traits: { ...made.traits, ...event.data.inherited } };
    }
    case 'DiskCreationFailed': {
      const failed = { ...disk, open: null, fault: event.data.fault };
      return event.data.cloudId === null ? failed : inCloud(failed, event.data.cloudId, 'error');
    }
    case 'DiskChangeRequested':
      return began(disk, event.data, 'change');
    case 'DiskChanged': {
      const { tags, metadata, ...plain } = event.data.change;
      const labels = { tags: merged(disk.tags, tags), metadata: merged(disk.metadata, metadata) };
      return { ...disk, ...withoutUndefined(plain), ...labels, open: null };
    }
    case 'DiskExtensionRequested':
      return began({ ...disk, undecidedGiB: event.data.toGiB - event.data.fromGiB }, event.data, 'extend');
    case 'DiskExtended':
      return { ...disk, sizeGiB: event.data.sizeGiB, open: null, undecidedGiB: 0 };
    case 'DiskExtensionFailed':
      return { ...disk, open: null, undecidedGiB: 0 };
    case 'DiskExtensionBroken':
      return broken(disk, 'error-extending', event.data.fault);
    case 'DiskAttachmentRequested':
      return began(disk, event.data, 'attach');
    case 'DiskDetachmentRequested':
      return began(disk, event.data, 'detach');
    case 'DiskAttached': {
      const { serverId, device } = event.data;
      return attachedTo(disk, (others) => [...others, { serverId, device }], event.data.serverId);
    }
    case 'DiskDetached':
      return attachedTo(disk, (others) => others, event.data.serverId);
    case 'DiskSnapshotBegan': {
      const { snapshotId } = event.data;
      const snapshots = [...withoutSnapshot(disk, snapshotId), { snapshotId, made: false }];
      return began({ ...disk, snapshots }, event.data, 'snapshot');
    }
    case 'DiskSnapshotKept': {
      const { snapshotId } = event.data;
      return { ...disk, snapshots: [...withoutSnapshot(disk, snapshotId), { snapshotId, made: true }], open: null };
    }
    case 'DiskSnapshotDropped':
      return { ...disk, snapshots: withoutSnapshot(disk, event.data.snapshotId), open: null };
    case 'DiskSnapshotRemoved':
      return { ...disk, snapshots: withoutSnapshot(disk, event.data.snapshotId) };
    case 'DiskRollbackRequested':
      return began(disk, event.data, 'roll-back');
    case 'DiskRolledBack':
      return rolledBack(disk);
    case 'DiskRollbackFailed':
      return rollbackFailed(disk, event.data);
    case 'DiskOffered':
      return { ...disk, offer: event.data.transferId };
    case 'DiskOfferEnded':
      return { ...disk, offer: null };
    case 'DiskDeletionLocked':
      return { ...disk, deletionLock: event.data };
    case 'DiskDeletionUnlocked':
      return { ...disk, deletionLock: null };
    case 'DiskDeletionRequested':
      return deletionBegan({ ...disk, undecidedGiB: 0 }, event.data);
    case 'DiskDeleted':
      return { ...disk, life: 'deleted', open: null, undecidedGiB: 0 };
    case 'DiskDeletionFailed':
      return event.data.broken ? broken(disk, 'error-deleting', event.data.fault) : { ...disk, open: null };
    case 'DiskRefreshRequested':
      return began(disk, event.data, 'refresh');
    case 'DiskChangeFailed':
    case 'DiskAttachmentFailed':
    case 'DiskDetachmentFailed':
    case 'DiskRefreshEnded':
      return { ...disk, open: null };
    case 'DiskQuarantined':
      return quarantined(disk, event.data);
    case 'DiskObserved':
      return seen(disk, event.data.sighting);
    case 'DiskFoundMissing':
      return { ...disk, fault: missingInCloud };
    default:
      return unreachable(event);
  }
};

const withoutUndefined = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

export const foldDisk = (events: readonly DiskEvent[]): Disk => events.reduce(evolveDisk, initialDisk);
