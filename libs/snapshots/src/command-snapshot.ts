import {
  decideDisk,
  diskOf,
  diskStream,
  findingFact,
  findingStream,
  type Disk,
  type DiskCommand,
  type DiskRefusal,
} from '@strata/disks';
import { everything, type LoadedStream, type StreamAppend } from '@strata/event-store';
import { OperationId, type JsonObject, type ProjectId, type SnapshotId } from '@strata/kernel';
import { executeOperation, planOperation, type ExecutedOperation, type NewPart } from '@strata/operations';
import { planRefused, type CommandPorts, type Planned, type WriteCall } from '@strata/projects';
import { v7 as newId } from 'uuid';
import {
  decideSnapshot,
  evolveSnapshot,
  isPresent,
  type KnownSnapshot,
  type Snapshot,
  type SnapshotCommand,
  type SnapshotEvent,
  type SnapshotRefusal,
  type SnapshotWork,
} from './snapshot/index.js';
import { snapshotOf, snapshotStream } from './snapshot/snapshot.stream.js';

/** Something that is asked of a snapshot that exists, and how a worker is told about it. */
export interface SnapshotWish {
  readonly kind: `snapshot.${'update' | 'delete' | 'rollback'}`;
  readonly projectId: ProjectId;
  readonly snapshotId: SnapshotId;
  command(snapshot: KnownSnapshot, work: SnapshotWork): SnapshotCommand;
  /** Whatever stands against it beside the snapshot and its disk. */
  readonly refusal?: WishRefusal | undefined;
  /** What it asks of the disk, where that takes part. */
  ofDisk?(work: SnapshotWork): DiskCommand;
  /** Beside `snapshotId`, `diskId` and `cloudId`. */
  input?(snapshot: KnownSnapshot, disk: Disk): JsonObject;
}

type WishRefusal = SnapshotRefusal | DiskRefusal | { readonly type: 'rollback-not-offered' };

/** A wish becomes an operation on the snapshot, in one append with what that means for it and for its disk. */
export const commandSnapshot = async (
  ports: CommandPorts,
  call: WriteCall,
  wish: SnapshotWish,
): Promise<ExecutedOperation<WishRefusal>> => {
  const operationId = OperationId.parse(newId());
  const disk = wish.ofDisk ? await diskStreamOf(ports, wish.snapshotId) : [];
  return executeOperation<WishRefusal>(ports, call, {
    role: 'operator',
    projectId: wish.projectId,
    streams: [snapshotStream(wish.snapshotId), ...disk],
    decide: ({ streams: [snapshot, ofDisk] }) => planOf(ports, wish, operationId, snapshot, ofDisk),
  });
};

/** Of which disk it is never changes; whether the caller may know is decided with the command. */
const diskStreamOf = async ({ store }: CommandPorts, snapshotId: SnapshotId) => {
  const [loaded] = (await store.load({ sight: everything, streams: [snapshotStream(snapshotId)] })).streams;
  const snapshot = loaded ? snapshotOf(loaded) : undefined;
  return snapshot === undefined || snapshot.life === 'absent' ? [] : [diskStream(snapshot.diskId)];
};

const planOf = async (
  ports: CommandPorts,
  wish: SnapshotWish,
  operationId: OperationId,
  loaded: LoadedStream | undefined,
  ofDisk: LoadedStream | undefined,
): Promise<Planned<WishRefusal>> => {
  const snapshot: Snapshot = loaded ? snapshotOf(loaded) : { life: 'absent' };
  const { kind, projectId } = wish;
  if (!loaded || !isPresent(snapshot) || snapshot.projectId !== projectId) return planRefused({ type: 'not-found' });
  if (wish.refusal) return planRefused(wish.refusal);
  const work = { operationId, shownAs: operationId };
  const decision = decideSnapshot(wish.command(snapshot, work), snapshot);
  if (!decision.accepted) return decision;
  const disk = ofDisk ? diskOf(ofDisk) : ({ life: 'absent' } as const);
  const resources: StreamAppend[] = [appendTo(loaded, projectId, decision.events)];
  if (wish.ofDisk && ofDisk) {
    const decided = decideDisk(wish.ofDisk(work), disk);
    if (!decided.accepted) return decided;
    resources.push(appendTo(ofDisk, projectId, decided.events));
  }
  const part = partOf(snapshot, operationId, decision.events);
  if (kind === 'snapshot.delete' && part.done) resources.push(...(await endOfFindings(ports, snapshot)));
  const input = { ...part.input, ...wish.input?.(snapshot, disk) };
  return planOperation({ ...part, kind, projectId, bindingId: snapshot.bindingId, input, resources });
};

/** Of one that is missing, whose deletion is done with its acceptance. Read in full, whoever may see how much of it. */
const endOfFindings = async ({ store }: CommandPorts, snapshot: KnownSnapshot): Promise<readonly StreamAppend[]> => {
  if (snapshot.life === 'in-cloud' || snapshot.lostId === undefined) return [];
  const stream = findingStream(snapshot.bindingId, snapshot.lostId);
  const [found] = (await store.load({ sight: everything, streams: [stream] })).streams;
  return found ? findingFact(snapshot.projectId, found, { type: 'RecordDeleted' }) : [];
};

/** What an operation on it says of it, whatever its kind. */
export const partOf = (
  snapshot: KnownSnapshot,
  operationId: OperationId,
  events: readonly SnapshotEvent[],
): Omit<NewPart, 'resources'> & { readonly input: JsonObject } => {
  const { snapshotId, diskId } = snapshot;
  const cloudId = snapshot.life === 'in-cloud' ? snapshot.cloudId : null;
  // No news, or gone at once because nothing of it was in the cloud: there is nothing to ask of the cloud.
  const isDone = events.length === 0 || !isPresent(events.reduce<Snapshot>(evolveSnapshot, snapshot));
  return {
    operationId,
    target: { type: 'snapshot', id: snapshotId },
    input: { snapshotId, diskId, cloudId },
    ...(isDone && { done: { snapshotId } }),
  };
};

export const appendTo = (
  { stream, version: expectedVersion }: LoadedStream,
  projectId: ProjectId,
  events: StreamAppend['events'],
): StreamAppend => ({ stream, projectId, expectedVersion, events });
