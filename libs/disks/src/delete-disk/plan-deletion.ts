import type { Loaded, LoadedStream } from '@strata/event-store';
import type { DiskId, JsonObject, OperationId, ProjectId, SnapshotId } from '@strata/kernel';
import { planBatch, planOperation, type NewPart } from '@strata/operations';
import { foldProject, planRefused, type Planned } from '@strata/projects';
import { diskOf } from '../disk/disk.stream.js';
import {
  decideDisk,
  evolveDisk,
  isPresent,
  snapshotsOf,
  type Disk,
  type DiskEvent,
  type DiskRefusal,
  type KnownDisk,
} from '../disk/index.js';
import { planHashOf } from './deletion-plan.js';
import type { DeletionBlocker, DeletionStep, DiskDependents } from './disk-dependents.js';

export interface DiskDeletion {
  readonly projectId: ProjectId;
  readonly diskId: DiskId;
  /** With its snapshots, which go before it. */
  readonly cascade: boolean;
  /** Of the plan that the caller has seen. */
  readonly planHash: string | undefined;
}

export interface DeletionPart {
  readonly snapshotId: SnapshotId;
  readonly operationId: OperationId;
}

/** Made before the decision, which may be made several times. */
export interface DeletionIds {
  readonly shownAs: OperationId;
  /** Where something goes before it; else the disk's own deletion is the one that is shown. */
  readonly ofDisk: OperationId;
  readonly before: readonly DeletionPart[];
}

export type DeleteDiskRefusal =
  | DiskRefusal
  | { readonly type: 'snapshots-not-deletable'; readonly blockers: readonly DeletionBlocker[] }
  | { readonly type: 'plan-changed'; readonly planHash: string };

const kind = 'disk.delete';

/** What is loaded: the disk, its project, then the snapshots in the order of `before`. */
export const planDeletion = (
  dependents: DiskDependents,
  { projectId, diskId, planHash: seen }: DiskDeletion,
  ids: DeletionIds,
  { streams: [loaded, project, ...others] }: Loaded,
): Planned<DeleteDiskRefusal> => {
  const disk: Disk = loaded ? diskOf(loaded) : { life: 'absent' };
  if (!loaded || !isPresent(disk) || disk.projectId !== projectId) return planRefused({ type: 'not-found' });
  const before = stillThere(disk, ids.before, others);
  const snapshots = before.map(({ snapshotId }) => snapshotId);
  const notBefore = endOfGrace(disk, project);
  const { shownAs } = ids;
  const operationId = before.length === 0 ? shownAs : ids.ofDisk;
  const work = { operationId, shownAs };
  const decision = decideDisk({ type: 'RequestDeletion', snapshots, notBefore, work }, disk);
  if (!decision.accepted) return decision;

  const deletions = before.map((part) =>
    dependents.deletionOf(projectId, part.stream, { operationId: part.operationId, shownAs }),
  );
  const blockers = deletions.flatMap((each) => (each.accepted ? [] : each.blockers));
  if (blockers.length > 0) return planRefused({ type: 'snapshots-not-deletable', blockers });
  const accepted = deletions.filter((each) => each.accepted);
  const ofDisk: DeletionStep = { action: 'delete', type: 'disk', id: diskId, name: disk.name, sizeGiB: disk.sizeGiB };
  const steps: readonly DeletionStep[] = [...accepted.map(({ step }) => step), ofDisk];
  const planHash = planHashOf(steps);
  if (seen !== undefined && seen !== planHash) return planRefused({ type: 'plan-changed', planHash });

  const common = { kind, projectId, bindingId: disk.bindingId, notBefore };
  const events = [...leaving(disk, snapshots), ...decision.events];
  const own = partOf(disk, loaded, snapshots, operationId, events);
  const plan: JsonObject = { kind, steps: steps.map((step) => ({ ...step })), planHash, deletesAt: notBefore ?? null };
  if (accepted.length === 0) return { ...planOperation({ ...common, ...own }), plan };
  const { target, input } = own;
  const parts: readonly NewPart[] = [
    ...accepted.map(({ part, step }) => ({ ...part, step: toldOf(step) })),
    { ...own, step: toldOf(ofDisk) },
  ];
  const batch = { ...common, operationId: shownAs, target, input, parts, inOrder: true };
  return { ...planBatch(batch), plan };
};

/** What the operation tells of a step of the plan. */
const toldOf = ({ action, type, id, name }: DeletionStep): NewPart['step'] => ({
  name: `${action}-${type}`,
  target: { type, id, name },
});

/** Those that were named and have not been deleted since. */
const stillThere = (disk: KnownDisk, before: readonly DeletionPart[], streams: readonly LoadedStream[]) =>
  before.flatMap((part, index) => {
    const stream = streams[index];
    if (!stream) throw new Error('a stream was asked for and not loaded');
    return snapshotsOf(disk).some(({ snapshotId }) => snapshotId === part.snapshotId) ? [{ ...part, stream }] : [];
  });

/** As for a snapshot that is deleted by itself: its part may outlive that of the disk. */
const leaving = (disk: KnownDisk, snapshots: readonly SnapshotId[]): readonly DiskEvent[] =>
  snapshots.flatMap((snapshotId) => {
    const decision = decideDisk({ type: 'RequestSnapshotDeletion', snapshotId }, disk);
    return decision.accepted ? decision.events : [];
  });

/** As the project has it now; undefined: at once. Of what has nothing in the cloud there is nothing to keep. */
const endOfGrace = ({ life }: KnownDisk, loaded: LoadedStream | undefined): string | undefined => {
  const project = foldProject(loaded);
  if (life !== 'in-cloud' || project.status !== 'live' || project.graceHours === 0) return undefined;
  return new Date(Date.now() + project.graceHours * 3_600_000).toISOString();
};

const partOf = (
  disk: KnownDisk,
  { stream, version: expectedVersion }: LoadedStream,
  snapshotIds: readonly SnapshotId[],
  operationId: OperationId,
  events: readonly DiskEvent[],
) => {
  const { diskId, projectId } = disk;
  const cloudId = disk.life === 'in-cloud' ? disk.cloudId : null;
  // Of which nothing was in the cloud, it is gone at once.
  const isDone = !isPresent(events.reduce<Disk>(evolveDisk, disk));
  return {
    operationId,
    target: { type: 'disk', id: diskId } as const,
    input: { diskId, cloudId, ...(snapshotIds.length > 0 && { snapshotIds: [...snapshotIds] }) },
    resources: [{ stream, projectId, expectedVersion, events }],
    ...(isDone && { done: { diskId } }),
  };
};
