import type { LoadedStream } from '@strata/event-store';
import { OperationId, type BindingId, type DiskId, type FindingId, type ProjectId } from '@strata/kernel';
import { executeOperation, planOperation, type ExecutedOperation } from '@strata/operations';
import { planRefused, type CommandPorts, type Planned, type WriteCall } from '@strata/projects';
import { v7 as newId } from 'uuid';
import { diskOf, diskStream } from '../disk/disk.stream.js';
import { decideDisk, isPresent, type DiskRefusal } from '../disk/index.js';
import { findingsIn, findingStream, liveIn, type FindingKind, type FindingRefusal } from '../finding/index.js';
import { leftAsItIs, putBack, type LeftAsItIs } from './put-back.js';

export type RepairRefusal =
  | FindingRefusal
  | DiskRefusal
  | {
      readonly type: 'finding-not-repairable';
      readonly kind: FindingKind;
      /** What of it is not written back, and why. */
      readonly left: readonly LeftAsItIs[];
    };

export interface FoundOfDisk {
  readonly findingId: FindingId;
  readonly bindingId: BindingId;
  readonly cloudId: string;
  /** Null: it lies in none. */
  readonly projectId: ProjectId | null;
  /** Null: it is no disk of the log. */
  readonly diskId: DiskId | null;
}

/** What somebody else changed of a disk is written as the log had it before: a change as any other of the disk. */
export const repairFinding = (
  ports: CommandPorts,
  call: WriteCall,
  found: FoundOfDisk,
): Promise<ExecutedOperation<RepairRefusal>> => {
  const { bindingId, cloudId, projectId, diskId } = found;
  const operationId = OperationId.parse(newId());
  return executeOperation<RepairRefusal>(ports, call, {
    ...(projectId === null ? { role: 'platform-admin' } : { role: 'operator', projectId }),
    streams: [findingStream(bindingId, cloudId), ...(diskId === null ? [] : [diskStream(diskId)])],
    decide: ({ streams: [thing, disk] }) => planOf(found, operationId, thing, disk),
  });
};

const planOf = (
  { findingId, projectId, diskId }: FoundOfDisk,
  operationId: OperationId,
  thing: LoadedStream | undefined,
  loaded: LoadedStream | undefined,
): Planned<RepairRefusal> => {
  const known = liveIn(findingsIn(thing), findingId);
  if (known === undefined) return planRefused({ type: 'finding-resolved' });
  const { kind, evidence } = known;
  const left = kind === 'changed' ? leftAsItIs(evidence.differences) : [];
  if (kind !== 'changed' || diskId === null || projectId === null || left.length === evidence.differences.length)
    return planRefused({ type: 'finding-not-repairable', kind, left });
  const disk = loaded && diskOf(loaded);
  // About a disk that is gone, or went to another project meanwhile, it says nothing any more.
  if (!loaded || !disk || !isPresent(disk) || disk.projectId !== projectId)
    return planRefused({ type: 'finding-resolved' });
  const change = putBack(evidence.differences, disk);
  // All of it was changed through Strata since.
  if (Object.keys(change).length === 0) return planRefused({ type: 'finding-resolved' });
  const decision = decideDisk({ type: 'RequestChange', change, work: { operationId, shownAs: operationId } }, disk);
  if (!decision.accepted) return decision;
  const { stream, version: expectedVersion } = loaded;
  const { bindingId } = disk;
  const cloudId = disk.life === 'in-cloud' ? disk.cloudId : null;
  const operation = {
    ...{ operationId, kind: 'disk.update', projectId, bindingId },
    target: { type: 'disk', id: diskId } as const,
    input: { diskId, cloudId, change, findingId, settled: evidence.differences.map(({ member }) => member) },
    resources: [{ stream, projectId, expectedVersion, events: decision.events }],
  };
  const plan = { kind: operation.kind, change, left: left.map((each) => ({ ...each })) };
  return { ...planOperation(operation), plan };
};
