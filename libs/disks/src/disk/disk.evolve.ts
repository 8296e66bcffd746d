import { unreachable, type OperationId, type SnapshotId } from '@strata/kernel';
import { adoptionRequested } from './disk.adoption.js';
import { attachedTo } from './disk.attached.js';
import type { DiskChange, DiskEvent, DiskEventOf, DiskSighting, LeftBroken, Work } from './disk.events.js';
import { metadataChanged, ownMetadataOf } from './disk.metadata.js';
import { received } from './disk.transfer.js';
import {
  faultSeen,
  foreignSnapshotsOf,
  initialDisk,
  isPresent,
  merged,
  missingInCloud,
  nothingUndecided,
  snapshotsOf,
  staysStuck,
  stillUndecided,
  withoutUndefined,
  type CloudKnownDisk,
  type Disk,
  type DiskSnapshot,
  type Doing,
  type DiskDetails,
  type KnownDisk,
} from './disk.js';

const plainTraits: CloudKnownDisk['traits'] = { bootable: false, shareable: false, encrypted: false, attachments: [] };

const inCloud = (
  disk: DiskDetails,
  { cloudId, operationId }: { readonly cloudId: string; readonly operationId: OperationId },
  condition: string,
): CloudKnownDisk => ({
  ...disk,
  life: 'in-cloud',
  cloudId,
  madeBy: operationId,
  condition,
  cloudStatus: condition,
  traits: {
    ...plainTraits,
    shareable: disk.shareable ?? false,
    encrypted: disk.encryption !== undefined,
  },
});

const seen = (disk: KnownDisk, sighting: DiskSighting): Disk => {
  const { cloudId, status, cloudStatus, bootable, shareable, encrypted, readOnly, attachments, ...spec } = sighting;
  const traits = { bootable, shareable, encrypted, ...(readOnly && { readOnly }), attachments };
  return {
    ...disk,
    ...spec,
    ownMetadata: ownMetadataOf(disk),
    life: 'in-cloud',
    cloudId,
    condition: status,
    cloudStatus,
    traits,
    fault: faultSeen(disk, sighting),
    undecidedGiB: staysStuck(disk, sighting) ? disk.undecidedGiB : 0,
    undecidedMove: stillUndecided(disk, sighting),
  };
};

/** All that it carries is Strata's from now on. */
const adopted = (disk: KnownDisk, { operationId, sighting }: DiskEventOf<'DiskAdopted'>['data']): Disk => {
  const own = seen({ ...disk, metadata: sighting.metadata, open: null }, sighting);
  return own.life === 'in-cloud' ? { ...own, madeBy: operationId } : own;
};

/** Left unusable by a piece of work. Where the cloud was not seen, what it calls it is seen at the next look. */
const broken = (disk: KnownDisk, condition: string, { fault, seen }: LeftBroken): Disk => {
  const ended = { ...disk, open: null, fault };
  return ended.life === 'in-cloud' ? { ...ended, condition, ...seen } : ended;
};

/** What a creation was making is in the cloud from now on, also in the place of one that is gone. */
const quarantined = (disk: KnownDisk, { fault, operationId, cloudId, condition, cloudStatus }: Quarantine): Disk => {
  const ended = { ...disk, open: null, fault };
  return ended.life === 'in-cloud' && disk.open?.doing !== 'recreate'
    ? { ...ended, condition, cloudStatus }
    : { ...inCloud(ended, { cloudId, operationId }, condition), cloudStatus };
};

type Quarantine = DiskEventOf<'DiskQuarantined'>['data'];

const withoutSnapshot = (disk: KnownDisk, snapshotId: SnapshotId): readonly DiskSnapshot[] =>
  snapshotsOf(disk).filter((each) => each.snapshotId !== snapshotId);

const withSnapshot = (disk: KnownDisk, snapshotId: SnapshotId, state: SnapshotState = {}): KnownDisk => ({
  ...disk,
  snapshots: [...withoutSnapshot(disk, snapshotId), { snapshotId, made: true, ...state }],
});

type SnapshotState = Pick<DiskSnapshot, 'leaving' | 'stuck'>;

const stateOf = ({ stuck }: SnapshotState): SnapshotState => (stuck ? { stuck } : {});

const withSnapshotAs = (disk: KnownDisk, snapshotId: SnapshotId, state: SnapshotState): Disk => ({
  ...disk,
  snapshots: snapshotsOf(disk).map((each) =>
    each.snapshotId === snapshotId ? { snapshotId, made: each.made, ...state } : each,
  ),
});

/** It is possible only while nothing is attached. */
const rolledBack = (disk: KnownDisk): Disk => {
  const mended = { ...disk, open: null, fault: null };
  return mended.life === 'in-cloud' ? { ...mended, condition: 'available', cloudStatus: 'available' } : mended;
};

/** The work on it has ended, and only a look tells with what. */
const lostFromSight = (disk: KnownDisk): KnownDisk => {
  const ended = { ...disk, open: null };
  return ended.life === 'in-cloud' ? { ...ended, condition: 'unknown', cloudStatus: 'unknown' } : ended;
};

const rollbackFailed = (disk: KnownDisk, data: DiskEventOf<'DiskRollbackFailed'>['data']): Disk => {
  switch (data.left) {
    case 'as-it-was':
      return { ...disk, open: null };
    case 'broken':
      return broken(disk, 'error-rolling-back', data);
    case 'unknown':
      return lostFromSight(disk);
  }
};

const flagged = (disk: KnownDisk, { bootable, readOnly }: Pick<DiskChange, 'bootable' | 'readOnly'>): KnownDisk => {
  if (disk.life !== 'in-cloud') return disk;
  const { readOnly: wasReadOnly = false, ...traits } = disk.traits;
  const flags = {
    bootable: bootable ?? traits.bootable,
    ...((readOnly ?? wasReadOnly) && { readOnly: true as const }),
  };
  return { ...disk, traits: { ...traits, ...flags } };
};

const retyped = (
  disk: KnownDisk,
  event: DiskEventOf<'DiskRetypeRequested' | 'DiskRetyped' | 'DiskRetypeFailed'>,
): Disk => {
  switch (event.type) {
    case 'DiskRetypeRequested': {
      const undecidedMove = { type: event.data.toType, sizeGiB: disk.sizeGiB };
      return began({ ...disk, undecidedMove }, event.data, 'retype');
    }
    case 'DiskRetyped':
      return { ...disk, type: event.data.type, open: null, undecidedMove: null };
    case 'DiskRetypeFailed':
      return event.data.left === 'as-it-was' ? { ...disk, open: null, undecidedMove: null } : lostFromSight(disk);
  }
};

type Waiting = Pick<DiskEventOf<'DiskDeletionRequested'>['data'], 'notBefore'>;

/** `notBefore`: of a deletion that waits. */
const began = (disk: KnownDisk, { operationId, shownAs, notBefore }: Work & Waiting, doing: Doing): Disk => ({
  ...disk,
  open: { operationId, shownAs, doing, ...(notBefore !== undefined && { notBefore }) },
});

export const evolveDisk = (disk: Disk, event: DiskEvent): Disk => {
  if (event.type === 'DiskRequested') {
    const { spec, operationId, shownAs, ...rest } = event.data;
    const open = { operationId, shownAs, doing: 'create' } as const;
    return { ...spec, ...rest, life: 'requested', open, fault: null, undecidedGiB: 0 };
  }
  if (event.type === 'DiskReceived') return received(event.data);
  if (event.type === 'DiskAdoptionRequested') return adoptionRequested(event.data);
  if (!isPresent(disk)) return disk;
  switch (event.type) {
    case 'DiskRequestedAgain':
      return began({ ...disk, fault: null }, event.data, 'create');
    case 'DiskProvisioned': {
      const made = inCloud({ ...disk, open: null, fault: null }, event.data, 'available');
      return { ...made, traits: { ...made.traits, ...event.data.inherited } };
    }
    case 'DiskCreationFailed': {
      const { cloudId, operationId, fault } = event.data;
      const failed = { ...disk, open: null, fault };
      return cloudId === null ? failed : inCloud(failed, { cloudId, operationId }, 'error');
    }
    case 'DiskAdopted':
      return adopted(disk, event.data);
    case 'DiskAdoptionFailed':
      return { ...disk, life: 'deleted', open: null };
    case 'DiskChangeRequested':
      return began(disk, event.data, 'change');
    case 'DiskChanged': {
      const { tags, metadata, bootable, readOnly, ...plain } = event.data.change;
      const labels = { tags: merged(disk.tags, tags), ...metadataChanged(disk, metadata) };
      return { ...flagged(disk, { bootable, readOnly }), ...withoutUndefined(plain), ...labels, open: null };
    }
    case 'DiskExtensionRequested':
      return began({ ...disk, undecidedGiB: event.data.toGiB - event.data.fromGiB }, event.data, 'extend');
    case 'DiskExtended':
      return { ...disk, sizeGiB: event.data.sizeGiB, open: null, undecidedGiB: 0 };
    case 'DiskExtensionFailed':
      return { ...disk, open: null, undecidedGiB: 0 };
    case 'DiskExtensionBroken':
      return broken(disk, 'error-extending', event.data);
    case 'DiskRetypeRequested':
    case 'DiskRetyped':
    case 'DiskRetypeFailed':
      return retyped(disk, event);
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
    case 'DiskSnapshotKept':
      return { ...withSnapshot(disk, event.data.snapshotId), open: null };
    case 'DiskSnapshotFound':
      return withSnapshot(disk, event.data.snapshotId, stateOf(event.data));
    case 'DiskForeignSnapshotFound':
      return { ...disk, foreignSnapshots: [...foreignSnapshotsOf(disk), event.data.cloudId] };
    case 'DiskForeignSnapshotGone':
      return { ...disk, foreignSnapshots: foreignSnapshotsOf(disk).filter((id) => id !== event.data.cloudId) };
    case 'DiskSnapshotDropped':
      return { ...disk, snapshots: withoutSnapshot(disk, event.data.snapshotId), open: null };
    case 'DiskSnapshotLeaving':
      return withSnapshotAs(disk, event.data.snapshotId, { leaving: true });
    case 'DiskSnapshotStayed':
      return withSnapshotAs(disk, event.data.snapshotId, stateOf(event.data));
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
    case 'DiskHandoverBegan':
      return began(disk, event.data, 'transfer');
    case 'DiskHandoverFailed':
      return event.data.left === 'as-it-was' ? { ...disk, open: null } : lostFromSight(disk);
    case 'DiskImageRequested':
      return began(disk, event.data, 'image');
    case 'DiskDeletionLocked':
      return { ...disk, deletionLock: event.data };
    case 'DiskDeletionUnlocked':
      return { ...disk, deletionLock: null };
    case 'DiskDeletionRequested':
      return began({ ...disk, ...nothingUndecided }, event.data, 'delete');
    case 'DiskUndecidedKept':
      return { ...disk, ...event.data };
    case 'DiskDeleted':
      return { ...disk, ...nothingUndecided, life: 'deleted', open: null };
    case 'DiskDeletionFailed':
      return event.data.broken ? broken(disk, 'error-deleting', event.data) : { ...disk, open: null };
    case 'DiskRefreshRequested':
      return began(disk, event.data, 'refresh');
    case 'DiskChangeFailed':
    case 'DiskAttachmentFailed':
    case 'DiskDetachmentFailed':
    case 'DiskImageMade':
    case 'DiskImageFailed':
    case 'DiskRefreshEnded':
      return { ...disk, open: null };
    case 'DiskQuarantined':
      return quarantined(disk, event.data);
    case 'DiskObserved':
      return seen(disk, event.data.sighting);
    case 'DiskRecreationRequested':
      return began({ ...disk, ...nothingUndecided }, event.data, 'recreate');
    case 'DiskRecreated':
      return inCloud({ ...disk, open: null, fault: null }, event.data, 'available');
    case 'DiskRecreationFailed': {
      const { cloudId, operationId, fault } = event.data;
      return cloudId === null
        ? { ...disk, open: null }
        : inCloud({ ...disk, open: null, fault }, { cloudId, operationId }, 'error');
    }
    case 'DiskFoundMissing':
      return { ...disk, fault: missingInCloud };
    default:
      return unreachable(event);
  }
};

export const foldDisk = (events: readonly DiskEvent[]): Disk => events.reduce(evolveDisk, initialDisk);
