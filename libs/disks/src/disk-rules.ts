import type { LoadedStream } from '@strata/event-store';
import { accept, refuse, type JsonObject, type OperationId } from '@strata/kernel';
import { targetIds, type Conclusion, type Ending, type KindRules, type KnownOperation } from '@strata/operations';
import { z } from 'zod';
import { decideDisk, LeftInCloud, type Disk, type DiskCommand, type DiskFault } from './disk/index.js';
import { diskFact, diskOf, diskStream } from './disk/disk.stream.js';

/** What differs between the things that can be done to a disk. */
export interface DiskVerb {
  readonly kind: `disk.${string}`;
  readonly sends: boolean;
  readonly absence: KindRules['absence'];
  readonly deadlineMs: number;
  /** The fact about the disk when it was done. */
  done(operationId: OperationId, outcome: JsonObject, input: JsonObject): DiskCommand;
  /** The fact about the disk when it came to nothing. */
  failed(operationId: OperationId, fault: DiskFault, left: JsonObject): DiskCommand;
  /** What users are told of a success beside the disk. */
  result?(outcome: JsonObject): JsonObject;
  /** The same request again. */
  again(input: JsonObject, work: { operationId: OperationId; shownAs: OperationId }, notBefore?: string): DiskCommand;
}

/** Of carriers of disks, at the deadline. */
export const Stuck = z.object({ stuck: LeftInCloud });

const cancelled: DiskFault = { code: 'cancelled', title: 'The operation was cancelled' };

const commandFor = (verb: DiskVerb, ending: Ending, operation: KnownOperation): DiskCommand => {
  const { operationId, input } = operation;
  switch (ending.end) {
    case 'succeeded':
      return verb.done(operationId, ending.outcome, input);
    case 'failed': {
      const fault = { code: ending.error.code, title: ending.error.title };
      const stuck = Stuck.safeParse(ending.left);
      return stuck.success
        ? { type: 'RecordQuarantined', operationId, fault, left: stuck.data.stuck }
        : verb.failed(operationId, fault, ending.left);
    }
    case 'cancelled':
      return verb.failed(operationId, cancelled, {});
  }
};

/** A batch touches nothing itself: its parts did. Its result lists what they worked on. */
const batchConclusion = (ending: Ending, operation: KnownOperation): Conclusion => {
  const { target } = operation;
  const parts = partsTold(ending, operation);
  const of = (wanted: string, idMember: string) =>
    parts
      .filter(({ type }) => type === wanted)
      .map(({ id, status, error }): JsonObject => ({
        [idMember]: id ?? null,
        status: status ?? null,
        error: error ?? null,
      }));
  const disks = of('disk', 'diskId');
  // A disk with what goes before it.
  const result =
    target.type === 'disk' ? { diskId: target.id, snapshots: of('snapshot', 'snapshotId'), disks } : { disks };
  return { streams: [], result };
};

/** A batch is cancelled where every part of it was. */
const partsTold = (ending: Ending, { target, plan }: KnownOperation): readonly JsonObject[] => {
  if (ending.end === 'cancelled') {
    const of = plan?.map((step) => step.target) ?? targetIds(target).map((id) => ({ type: 'disk', id }));
    return of.map(({ type, id }) => ({ type, id, status: 'cancelled', error: null }));
  }
  const told = ending.end === 'succeeded' ? ending.outcome : ending.left;
  return Array.isArray(told['parts']) ? (told['parts'] as readonly JsonObject[]) : [];
};

const conclude = (
  verb: DiskVerb,
  ending: Ending,
  operation: KnownOperation,
  [disk]: readonly LoadedStream[],
): Conclusion => {
  if (operation.target.type !== 'disk' || operation.parts.length > 0) return batchConclusion(ending, operation);
  const streams = disk === undefined ? [] : diskFact(disk, commandFor(verb, ending, operation));
  const told = ending.end === 'succeeded' ? verb.result?.(ending.outcome) : {};
  return { streams, result: { diskId: operation.target.id, ...told } };
};

/** The same is asked of the disk that the log has now: it may have been made anew in the cloud since. */
const inputOn = (disk: Disk, input: JsonObject): JsonObject =>
  disk.life === 'in-cloud' && 'cloudId' in input ? { ...input, cloudId: disk.cloudId } : input;

/** The rules of one verb: how its operation looks to the machinery, and what its ending means for the disk. */
export const diskRules = (verb: DiskVerb): KindRules => ({
  kind: verb.kind,
  sends: verb.sends,
  absence: verb.absence,
  deadlineMs: verb.deadlineMs,
  streams: ({ target, parts }) => (target.type === 'disk' && parts.length === 0 ? [diskStream(target.id)] : []),
  conclude: (ending, operation, resources) => conclude(verb, ending, operation, resources),
  retry: (operation, [loaded], work, notBefore) => {
    if (loaded === undefined) return refuse({ type: 'not-found' });
    const disk = diskOf(loaded);
    // It belongs to another project by now: the same again would carry it back (ADR 8).
    if (disk.life !== 'absent' && disk.projectId !== operation.projectId) return refuse({ type: 'not-found' });
    const decision = decideDisk(verb.again(operation.input, work, notBefore), disk);
    if (!decision.accepted) return decision;
    const { stream, version: expectedVersion } = loaded;
    const streams = [{ stream, projectId: operation.projectId, expectedVersion, events: decision.events }];
    return { ...accept(), streams, input: inputOn(disk, operation.input) };
  },
});
