import type { BindingId, DiskId, OperationId, ProjectId, SnapshotId, TransferId } from '@strata/kernel';
import type { Extent } from './disk.charges.js';
import type { DeletionLock, DiskFault, DiskSighting, DiskSpec, Work } from './disk.events.js';

export type Doing =
  | 'create'
  | 'adopt'
  | 'change'
  | 'extend'
  | 'retype'
  | 'attach'
  | 'detach'
  | 'snapshot'
  | 'roll-back'
  | 'image'
  | 'transfer'
  | 'delete'
  | 'refresh'
  | 'recreate';

/** The one open operation of a disk. */
export type OpenWork = Work & {
  readonly doing: Doing;
  /** Of a deletion: until then the disk is kept. Absent: it is deleted at once. */
  readonly notBefore?: string;
};

/** A snapshot of the disk that is in the cloud, or is being made. */
export interface DiskSnapshot {
  readonly snapshotId: SnapshotId;
  readonly made: boolean;
  /** Its deletion is under way. */
  readonly leaving?: true;
  /** The cloud could not delete it, and only its vendor can mend that. */
  readonly stuck?: true;
}

export interface DiskDetails extends DiskSpec {
  readonly diskId: DiskId;
  readonly projectId: ProjectId;
  readonly bindingId: BindingId;
  readonly open: OpenWork | null;
  readonly fault: DiskFault | null;
  /** Held for an extension and not yet decided, in GiB: released or used when the size is observed. */
  readonly undecidedGiB: number;
  /** Held in another type for a retype and not yet decided: released or used when the type is observed. Absent or null: nothing. */
  readonly undecidedMove?: Extent | null;
  /** Absent: none ever. */
  readonly snapshots?: readonly DiskSnapshot[];
  /** Under which it is offered to another project. Absent: never was. */
  readonly offer?: TransferId | null;
  /** By their ids in the cloud: those that Strata did not make. Absent: none ever. */
  readonly foreignSnapshots?: readonly string[];
  /** Keys of metadata that were set through Strata, there or not. Absent: all of them, as no look has brought others. */
  readonly ownMetadata?: string[];
  /** Absent: never locked. */
  readonly deletionLock?: DeletionLock | null;
  /** Absent: servers can have it. */
  readonly attachable?: false;
  /** Of one that came from another project. Absent: `source` tells. */
  readonly began?: 'empty' | 'from-source' | 'unknown';
}

export type Disk =
  | { readonly life: 'absent' }
  /** Nothing of it is in the cloud: being created, or the creation failed without a trace; or what is there is being adopted. */
  | (DiskDetails & { readonly life: 'requested' })
  | (DiskDetails & {
      readonly life: 'in-cloud';
      readonly cloudId: string;
      readonly condition: string;
      readonly cloudStatus: string;
      /** Under whose marker it was made. Absent: not told. */
      readonly madeBy?: OperationId;
      readonly traits: Pick<DiskSighting, 'bootable' | 'shareable' | 'encrypted' | 'readOnly' | 'attachments'>;
    })
  | (DiskDetails & { readonly life: 'deleted' });

export type KnownDisk = Exclude<Disk, { life: 'absent' | 'deleted' }>;
export type CloudKnownDisk = Extract<Disk, { life: 'in-cloud' }>;

export const initialDisk: Disk = { life: 'absent' };

export const isPresent = (disk: Disk): disk is KnownDisk => disk.life === 'requested' || disk.life === 'in-cloud';

/** An empty one in its place would lack what it began with, as far as is known. */
export const mayHaveBegunFilled = ({ source, began = 'empty' }: KnownDisk): boolean =>
  source !== undefined || began !== 'empty';

/** To another project, which has not accepted yet. */
export const isOffered = ({ offer = null }: KnownDisk): boolean => offer !== null;

export const snapshotsOf = ({ snapshots = [] }: KnownDisk): readonly DiskSnapshot[] => snapshots;

export const foreignSnapshotsOf = ({ foreignSnapshots = [] }: KnownDisk): readonly string[] => foreignSnapshots;

/** Merge by key; null removes. */
export const merged = (labels: Record<string, string>, change: Record<string, string | null> | undefined) => {
  const entries = Object.entries({ ...labels, ...change });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null));
};

/**
 * What is known of why the disk is broken stays while it is broken, or stuck in the middle of something; whatever was found is
 * not missing.
 */
export const faultSeen = (disk: KnownDisk, { status, cloudStatus }: DiskSighting): DiskFault | null => {
  if (staysStuck(disk, { status })) return disk.fault;
  if (status !== 'error' && !status.startsWith('error-')) return null;
  return disk.fault === null || disk.fault.code === missingInCloud.code ? brokenInCloud(cloudStatus) : disk.fault;
};

/** States of the cloud that do not last: a disk that is left in one of them is stuck. */
const inTransit: ReadonlySet<string> = new Set([
  'creating',
  'attaching',
  'detaching',
  'extending',
  'retyping',
  'backing-up',
  'restoring',
  'rolling-back',
  'uploading',
  'deleting',
  'unknown',
]);

/** The cloud did not bring the work on it to an end: only its vendor can. */
export const isStuck = ({ fault }: KnownDisk): boolean => fault?.code === 'stuck-in-cloud';

/** Seen in the middle of it still: what was not decided stays so. */
export const staysStuck = (disk: KnownDisk, { status }: Pick<DiskSighting, 'status'>): boolean =>
  isStuck(disk) && inTransit.has(status);

/** What stays held for a retype that nobody follows any more: until the cloud is seen to be done with it. */
export const stillUndecided = (disk: KnownDisk, sighting: DiskSighting): Extent | null =>
  sighting.status === 'retyping' || staysStuck(disk, sighting) ? (disk.undecidedMove ?? null) : null;

export const nothingUndecided = { undecidedGiB: 0, undecidedMove: null } as const;

export const missingInCloud: DiskFault = {
  code: 'missing-in-cloud',
  title: 'The cloud does not know this disk any more',
};

export const isMissing = (disk: KnownDisk): boolean => disk.fault?.code === missingInCloud.code;

const brokenInCloud = (cloudStatus: string): DiskFault => ({
  code: 'broken-in-cloud',
  title: `The cloud shows the disk as ${cloudStatus}`,
});

export const withoutUndefined = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
