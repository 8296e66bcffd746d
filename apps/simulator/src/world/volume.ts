import type { Attachment, Place } from './attachment.js';

/** EVS reference §2.1. How a disk that changes its type is called is not documented: one of the last two, by the readings. */
export const VOLUME_STATUSES = [
  'creating',
  'downloading',
  'available',
  'attaching',
  'in-use',
  'detaching',
  'extending',
  'error_extending',
  'backing-up',
  'restoring-backup',
  'error_restoring',
  'uploading',
  'rollbacking',
  'error_rollbacking',
  'awaiting-transfer',
  'error',
  'deleting',
  'error_deleting',
  'retyping',
  'changing-disk-type',
] as const;
export type VolumeStatus = (typeof VOLUME_STATUSES)[number];

/** The statuses in which a disk may be deleted (EVS.1046 otherwise). */
export const DELETABLE: readonly VolumeStatus[] = [
  'available',
  'error',
  'error_extending',
  'error_restoring',
  'error_rollbacking',
];

/** How a piece of work ends when its time has come. `leaveNothing`: a failed create leaves no disk behind. */
export type WorkOutcome =
  | { readonly type: 'success' }
  | { readonly type: 'failure'; readonly code: string; readonly reason: string; readonly leaveNothing: boolean };

/** What the cloud is doing with a disk. `endMs` null: it never ends. */
export type Transition = { readonly endMs: number | null; readonly outcome: WorkOutcome } &
  /** After this one comes another: first the disk, then the data of its image. */
  (
    | { readonly kind: 'prepare'; readonly then: { readonly endMs: number | null; readonly outcome: WorkOutcome } }
    | { readonly kind: 'create' }
    | { readonly kind: 'extend'; readonly newSize: number; readonly previousStatus: VolumeStatus }
    | { readonly kind: 'retype'; readonly newType: string; readonly previousStatus: VolumeStatus }
    | { readonly kind: 'delete' }
    | { readonly kind: 'attach'; readonly place: Place }
    | { readonly kind: 'detach'; readonly serverId: string }
    | { readonly kind: 'rollback' }
    /** Its data are read into an image. */
    | { readonly kind: 'upload'; readonly imageId: string; readonly previousStatus: VolumeStatus }
  );

/** A disk as the simulated cloud knows it. Never changed in place: every change is a new object, so that the past stays readable. */
export interface Volume {
  readonly id: string;
  readonly projectId: string;
  /** Order of creation over all projects. */
  readonly seq: number;
  readonly name: string | null;
  readonly description: string | null;
  readonly status: VolumeStatus;
  /** GB, as EVS counts. */
  readonly size: number;
  readonly volumeType: string;
  readonly zone: string;
  readonly bootable: boolean;
  /** What it was made from, also when that is gone by now. Absent: it began empty. */
  readonly snapshotId?: string;
  /** Of the image that it, or the disk of its snapshot, was made of. Absent: none. */
  readonly imageMetadata?: Readonly<Record<string, string>>;
  readonly multiattach: boolean;
  readonly attachments: readonly Attachment[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdMicros: number;
  readonly updatedMicros: number | null;
  readonly transition: Transition | null;
}

/** The servers that have the disk, or are just getting it. */
export const serversOf = ({ attachments, transition }: Volume): readonly string[] => [
  ...attachments.map(({ serverId }) => serverId),
  ...(transition?.kind === 'attach' ? [transition.place.serverId] : []),
];

/** The disk at rest with these attachments and no others. */
export const withAttachments = (volume: Volume, attachments: readonly Attachment[]): Volume => ({
  ...volume,
  attachments,
  status: attachments.length > 0 ? 'in-use' : 'available',
  transition: null,
});

/** The disk after its transition has ended, or null when it is gone. */
export const settled = (volume: Volume, transition: Transition, endMs: number): Volume | null => {
  const done = { ...volume, transition: null, updatedMicros: endMs * 1_000 + (volume.seq % 1_000) };
  const failed = transition.outcome.type === 'failure' ? transition.outcome : null;
  switch (transition.kind) {
    case 'prepare':
      return { ...done, status: 'downloading', transition: { kind: 'create', ...transition.then } };
    case 'create':
      if (failed?.leaveNothing) return null;
      return { ...done, status: failed ? 'error' : 'available' };
    case 'extend':
      return failed
        ? { ...done, status: 'error_extending' }
        : { ...done, status: transition.previousStatus, size: transition.newSize };
    case 'retype': {
      const status = transition.previousStatus;
      return failed ? { ...done, status } : { ...done, status, volumeType: transition.newType };
    }
    case 'delete':
      return failed ? { ...done, status: 'error_deleting' } : null;
    case 'attach': {
      const attached = { ...transition.place, attachedMicros: done.updatedMicros };
      return withAttachments(done, failed ? volume.attachments : [...volume.attachments, attached]);
    }
    case 'detach': {
      const others = volume.attachments.filter(({ serverId }) => serverId !== transition.serverId);
      return withAttachments(done, failed ? volume.attachments : others);
    }
    case 'upload':
      return { ...done, status: transition.previousStatus };
    case 'rollback':
      return { ...done, status: failed ? 'error_rollbacking' : 'available' };
  }
};
