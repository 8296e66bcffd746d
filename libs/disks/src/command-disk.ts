import type { LoadedStream } from '@strata/event-store';
import { OperationId, type DiskId, type JsonObject, type ProjectId, type Refusal } from '@strata/kernel';
import { executeOperation, planOperation, type ExecutedOperation } from '@strata/operations';
import { planRefused, type CommandPorts, type OverBound, type Planned, type WriteCall } from '@strata/projects';
import { v7 as newId } from 'uuid';
import { diskOf, diskStream } from './disk/disk.stream.js';
import {
  decideDisk,
  evolveDisk,
  isPresent,
  type Disk,
  type DiskCommand,
  type DiskRefusal,
  type KnownDisk,
  type Work,
} from './disk/index.js';

/** Something that is asked of a disk that exists, and how a worker is told about it. */
export interface DiskWish<R extends Refusal = never> {
  readonly kind: `disk.${'update' | 'extend' | 'retype' | 'attach' | 'detach' | 'image' | 'refresh' | 'recreate'}`;
  readonly projectId: ProjectId;
  readonly diskId: DiskId;
  command(disk: KnownDisk, work: Work): DiskCommand;
  /** Beside `diskId` and `cloudId`. */
  input?(disk: KnownDisk, command: DiskCommand): JsonObject;
  /** What is to be refused beyond what the disk itself refuses. */
  refusal?(disk: KnownDisk): Promise<R | OverBound | undefined>;
}

/** A wish becomes an operation on the disk, in one append with what that means for the disk. */
export const commandDisk = <R extends Refusal = never>(
  ports: CommandPorts,
  call: WriteCall,
  wish: DiskWish<R>,
): Promise<ExecutedOperation<DiskRefusal | R>> => {
  const operationId = OperationId.parse(newId());
  return executeOperation<DiskRefusal | R>(ports, call, {
    role: 'operator',
    projectId: wish.projectId,
    streams: [diskStream(wish.diskId)],
    decide: ({ streams: [stream] }) => planOf(wish, operationId, stream),
  });
};

const planOf = async <R extends Refusal>(
  wish: DiskWish<R>,
  operationId: OperationId,
  loaded: LoadedStream | undefined,
): Promise<Planned<DiskRefusal | R>> => {
  const disk: Disk = loaded ? diskOf(loaded) : { life: 'absent' };
  if (!loaded || !isPresent(disk) || disk.projectId !== wish.projectId) return planRefused({ type: 'not-found' });
  const { kind, projectId, diskId } = wish;
  const command = wish.command(disk, { operationId, shownAs: operationId });
  const decision = decideDisk(command, disk);
  if (!decision.accepted) return decision;
  const refusal = await wish.refusal?.(disk);
  if (refusal) return planRefused(refusal);
  const { stream, version: expectedVersion } = loaded;
  const cloudId = disk.life === 'in-cloud' ? disk.cloudId : null;
  const operation = {
    operationId,
    kind,
    projectId,
    bindingId: disk.bindingId,
    target: { type: 'disk', id: diskId } as const,
    input: { diskId, cloudId, ...wish.input?.(disk, command) },
    resources: [{ stream, projectId, expectedVersion, events: decision.events }],
  };
  // No news, or gone at once because nothing of it was in the cloud: there is nothing to ask of the cloud.
  const after = decision.events.reduce<Disk>(evolveDisk, disk);
  const isDone = decision.events.length === 0 || !isPresent(after);
  return planOperation(isDone ? { ...operation, done: { diskId } } : operation);
};
