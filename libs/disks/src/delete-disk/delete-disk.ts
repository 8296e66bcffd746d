import { everything, type EventStore, type Loaded, type LoadedStream } from '@strata/event-store';
import { OperationId, type DiskId, type JsonObject, type ProjectId, type SnapshotId } from '@strata/kernel';
import { executeOperation, planBatch, planOperation, type ExecutedOperation, type NewPart } from '@strata/operations';
import {
  foldProject,
  planRefused,
  projectStream,
  type CommandPorts,
  type Planned,
  type WriteCall,
} from '@strata/projects';
import { v7 as newId } from 'uuid';
import { diskOf, diskStream } from '../disk/disk.stream.js';
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

type Ports = CommandPorts & { readonly dependents: DiskDependents };

interface Part {
  readonly snapshotId: SnapshotId;
  readonly operationId: OperationId;
}

/** Made before the decision, which may be made several times. */
interface NewIds {
  readonly shownAs: OperationId;
  readonly ofDisk: OperationId;
  readonly before: readonly Part[];
}

const kind = 'disk.delete';

export type DeleteDiskRefusal =
  | DiskRefusal
  | { readonly type: 'snapshots-not-deletable'; readonly blockers: readonly DeletionBlocker[] }
  | { readonly type: 'plan-changed'; readonly planHash: string };

/**
 * Deletes a disk; with its snapshots as one operation whose parts go in order, so that the disk is only asked for when the
 * absence of each of them was observed. All are released in one append or none.
 */
export const deleteDisk = async (
  ports: Ports,
  call: WriteCall,
  deletion: DiskDeletion,
): Promise<ExecutedOperation<DeleteDiskRefusal>> => {
  const { projectId, diskId, cascade } = deletion;
  const snapshotIds = cascade ? await snapshotIdsOf(ports.store, diskId) : [];
  const shownAs = OperationId.parse(newId());
  const fresh = () => OperationId.parse(newId());
  const before = snapshotIds.map((snapshotId) => ({ snapshotId, operationId: fresh() }));
  const ids = { shownAs, before, ofDisk: before.length === 0 ? shownAs : fresh() };
  return executeOperation<DeleteDiskRefusal>(ports, call, {
    role: 'operator',
    projectId,
    streams: [diskStream(diskId), projectStream(projectId), ...snapshotIds.map((id) => ports.dependents.streamOf(id))],
    decide: (loaded) => planOf(ports.dependents, deletion, ids, loaded),
  });
};

/** Whether the caller may know is decided with the command; one that comes meanwhile stands against it. */
const snapshotIdsOf = async (store: EventStore, diskId: DiskId): Promise<readonly SnapshotId[]> => {
  const [loaded] = (await store.load({ sight: everything, streams: [diskStream(diskId)] })).streams;
  const disk: Disk = loaded ? diskOf(loaded) : { life: 'absent' };
  return isPresent(disk) ? snapshotsOf(disk).map(({ snapshotId }) => snapshotId) : [];
};

const planOf = (
  dependents: DiskDependents,
  { projectId, diskId, planHash: seen }: DiskDeletion,
  { shownAs, ofDisk, before }: NewIds,
  { streams: [loaded, project, ...others] }: Loaded,
): Planned<DeleteDiskRefusal> => {
  const disk: Disk = loaded ? diskOf(loaded) : { life: 'absent' };
  if (!loaded || !isPresent(disk) || disk.projectId !== projectId) return planRefused({ type: 'not-found' });
  const snapshots = before.map(({ snapshotId }) => snapshotId);
  const notBefore = endOfGrace(disk, project);
  const work = { operationId: ofDisk, shownAs };
  const decision = decideDisk({ type: 'RequestDeletion', snapshots, notBefore, work }, disk);
  if (!decision.accepted) return decision;

  const deletions = before.map(({ operationId }, index) => {
    const dependent = others[index];
    if (!dependent) throw new Error('a stream was asked for and not loaded');
    return dependents.deletionOf(projectId, dependent, { operationId, shownAs });
  });
  const blockers = deletions.flatMap((each) => (each.accepted ? [] : each.blockers));
  if (blockers.length > 0) return planRefused({ type: 'snapshots-not-deletable', blockers });
  const accepted = deletions.filter((each) => each.accepted);
  const parts: readonly NewPart[] = accepted.map(({ part }) => part);
  const steps: readonly DeletionStep[] = [
    ...accepted.map(({ step }) => step),
    { action: 'delete', type: 'disk', id: diskId, name: disk.name, sizeGiB: disk.sizeGiB },
  ];
  const planHash = planHashOf(steps);
  if (seen !== undefined && seen !== planHash) return planRefused({ type: 'plan-changed', planHash });

  const common = { kind, projectId, bindingId: disk.bindingId, notBefore };
  const own = partOf(disk, loaded, snapshots, ofDisk, decision.events);
  const plan: JsonObject = { kind, steps: steps.map((step) => ({ ...step })), planHash, deletesAt: notBefore ?? null };
  if (parts.length === 0) return { ...planOperation({ ...common, ...own }), plan };
  const { target, input } = own;
  const batch = { ...common, operationId: shownAs, target, input, parts: [...parts, own], inOrder: true };
  return { ...planBatch(batch), plan };
};

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
