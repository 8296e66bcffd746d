import {
  unreachable,
  type BindingId,
  type DiskId,
  type OperationId,
  type ProjectId,
  type SnapshotId,
} from '@strata/kernel';
import type {
  Condition,
  Extent,
  SnapshotEvent,
  SnapshotFault,
  SnapshotSighting,
  SnapshotSpec,
  SnapshotWork,
} from './snapshot.events.js';

export type Doing = 'create' | 'change' | 'roll-back' | 'delete';

/** The one open operation of a snapshot. */
export type OpenWork = SnapshotWork & { readonly doing: Doing };

/** A disk that is being made from it. */
export interface Use {
  readonly operationId: string;
  readonly diskId: DiskId;
}

interface Known extends SnapshotSpec {
  readonly snapshotId: SnapshotId;
  readonly projectId: ProjectId;
  readonly bindingId: BindingId;
  readonly diskId: DiskId;
  readonly extent: Extent;
  readonly open: OpenWork | null;
  readonly fault: SnapshotFault | null;
  readonly uses: readonly Use[];
  /** Under whose marker it was made. Absent: not told. */
  readonly madeBy?: OperationId;
}

export type Snapshot =
  | { readonly life: 'absent' }
  /** Nothing of it is in the cloud: being made, or the creation failed without a trace, or it was found missing (`lostId`). */
  | (Known & { readonly life: 'requested'; readonly lostId?: string })
  | (Known & {
      readonly life: 'in-cloud';
      readonly cloudId: string;
      readonly condition: Condition;
      /** The cloud's own word. Absent: not told. */
      readonly cloudStatus?: string;
    })
  | (Known & { readonly life: 'deleted' });

export type KnownSnapshot = Exclude<Snapshot, { life: 'absent' | 'deleted' }>;
export type CloudKnownSnapshot = Extract<Snapshot, { life: 'in-cloud' }>;

export const initialSnapshot: Snapshot = { life: 'absent' };

export const isPresent = (snapshot: Snapshot): snapshot is KnownSnapshot =>
  snapshot.life === 'requested' || snapshot.life === 'in-cloud';

/** The cloud's own word for the state in which it is; ours where that was not told. */
export const cloudStatusOf = ({
  condition,
  cloudStatus = condition,
}: Pick<CloudKnownSnapshot, 'condition' | 'cloudStatus'>): string => cloudStatus;

/** Merge by key; null removes. */
const merged = (metadata: Record<string, string>, change: Record<string, string | null> = {}) =>
  Object.fromEntries(
    Object.entries({ ...metadata, ...change }).filter((entry): entry is [string, string] => entry[1] !== null),
  );

const began = (snapshot: KnownSnapshot, { operationId, shownAs }: SnapshotWork, doing: Doing): Snapshot => ({
  ...snapshot,
  open: { operationId, shownAs, doing },
});

const inCloud = (
  snapshot: KnownSnapshot,
  cloudId: string,
  condition: Condition,
  madeBy = snapshot.madeBy,
): CloudKnownSnapshot => ({
  ...withoutPlace(snapshot),
  life: 'in-cloud',
  cloudId,
  condition,
  open: null,
  ...(madeBy && { madeBy }),
});

/** Without what was known of it in the cloud. */
const withoutPlace = (snapshot: KnownSnapshot): Known => {
  if (snapshot.life === 'requested') {
    const { life: _requested, lostId: _lost, ...rest } = snapshot;
    return rest;
  }
  const { life: _inCloud, cloudId: _id, condition: _condition, cloudStatus: _word, ...rest } = snapshot;
  return rest;
};

const called = (cloudStatus: string | undefined) => (cloudStatus === undefined ? {} : { cloudStatus });

const isBroken = (condition: Condition): boolean => condition === 'error' || condition === 'error-deleting';

export const missingInCloud: SnapshotFault = {
  code: 'missing-in-cloud',
  title: 'The cloud does not know this snapshot any more',
};

/** What is known of why it is broken stays while it is broken. */
const seen = (snapshot: KnownSnapshot, { cloudId, condition, cloudStatus, ...shown }: SnapshotSighting): Snapshot => {
  const why = snapshot.fault?.code === missingInCloud.code ? null : snapshot.fault;
  const broken = { code: 'broken-in-cloud', title: `The cloud shows the snapshot as ${cloudStatus ?? condition}` };
  return {
    ...inCloud(snapshot, cloudId, condition),
    ...called(cloudStatus),
    ...shown,
    fault: isBroken(condition) ? (why ?? broken) : null,
  };
};

/** Gone, with its id kept: should it come back, it is this one. */
const missing = (snapshot: KnownSnapshot): Snapshot => {
  if (snapshot.life !== 'in-cloud') return snapshot;
  return {
    ...withoutPlace(snapshot),
    life: 'requested',
    lostId: snapshot.cloudId,
    open: null,
    fault: missingInCloud,
  };
};

export const evolveSnapshot = (snapshot: Snapshot, event: SnapshotEvent): Snapshot => {
  if (event.type === 'SnapshotRequested') {
    const { spec, operationId, shownAs, ...ids } = event.data;
    const open = { operationId, shownAs, doing: 'create' } as const;
    return { ...ids, ...spec, life: 'requested', open, fault: null, uses: [] };
  }
  if (!isPresent(snapshot)) return snapshot;
  switch (event.type) {
    case 'SnapshotRequestedAgain':
      return began(
        { ...withoutPlace(snapshot), life: 'requested', extent: event.data.extent, fault: null },
        event.data,
        'create',
      );
    case 'SnapshotTaken':
      return inCloud(snapshot, event.data.cloudId, 'available', event.data.operationId);
    case 'SnapshotCreationFailed': {
      const { cloudId, fault, operationId } = event.data;
      const failed = { ...snapshot, open: null, fault };
      return cloudId === null ? failed : inCloud(failed, cloudId, 'error', operationId);
    }
    case 'SnapshotChangeRequested':
      return began(snapshot, event.data, 'change');
    case 'SnapshotChanged': {
      const { name = snapshot.name, description = snapshot.description, metadata } = event.data.change;
      return { ...snapshot, name, description, metadata: merged(snapshot.metadata, metadata), open: null };
    }
    case 'SnapshotDeletionRequested':
      return began(snapshot, event.data, 'delete');
    case 'SnapshotDeleted':
      return { ...snapshot, life: 'deleted', open: null };
    case 'SnapshotDeletionFailed': {
      const { broken, fault, cloudStatus } = event.data;
      return broken && snapshot.life === 'in-cloud'
        ? { ...inCloud(snapshot, snapshot.cloudId, 'error-deleting'), ...called(cloudStatus), fault }
        : { ...snapshot, open: null };
    }
    case 'SnapshotRollbackRequested':
      return began(snapshot, event.data, 'roll-back');
    case 'SnapshotChangeFailed':
    case 'SnapshotRollbackEnded':
      return { ...snapshot, open: null };
    case 'SnapshotUsed': {
      const { operationId, diskId } = event.data;
      return { ...snapshot, uses: [...snapshot.uses, { operationId, diskId }] };
    }
    case 'SnapshotUseEnded':
      return { ...snapshot, uses: snapshot.uses.filter(({ operationId }) => operationId !== event.data.operationId) };
    case 'SnapshotObserved':
      return seen(snapshot, event.data.sighting);
    case 'SnapshotFoundMissing':
      return missing(snapshot);
    default:
      return unreachable(event);
  }
};

export const foldSnapshot = (events: readonly SnapshotEvent[]): Snapshot =>
  events.reduce(evolveSnapshot, initialSnapshot);
