import { decideDisk, diskFact, diskOf, diskStream, type Disk, type DiskCommand } from '@strata/disks';
import type { LoadedStream, StreamAppend } from '@strata/event-store';
import { refuse, type Decision, type JsonObject, type Refusal } from '@strata/kernel';
import type { Conclusion, Ending, KindRules, KnownOperation, WorkIds } from '@strata/operations';
import { groupResult } from './request-snapshot/group-result.js';
import { GroupSnapshotInput, SnapshotInput } from './snapshot-inputs.js';
import { decideSnapshot, type SnapshotCommand, type SnapshotFault } from './snapshot/index.js';
import { snapshotFact, snapshotOf, snapshotStream } from './snapshot/snapshot.stream.js';

/** What something means for a snapshot, and for its disk where that hears of it. */
export interface Meaning {
  readonly snapshot: SnapshotCommand;
  readonly disk?: DiskCommand | undefined;
}

/** What differs between the things that can be done to a snapshot. */
export interface SnapshotVerb {
  readonly kind: `snapshot.${string}`;
  readonly absence: KindRules['absence'];
  readonly deadlineMs: number;
  /** Whether its disk hears of it. */
  readonly withDisk: boolean;
  done(operation: KnownOperation, outcome: JsonObject): Meaning;
  failed(operation: KnownOperation, fault: SnapshotFault, left: JsonObject): Meaning;
  /** What its success tells users beside the id. */
  told?(outcome: JsonObject): JsonObject;
  /** The same request again, and its input where that depends on the disk as it is now. */
  again(input: JsonObject, work: WorkIds, disk: Disk): Meaning & { readonly input?: JsonObject };
}

const cancelled: SnapshotFault = { code: 'cancelled', title: 'The operation was cancelled' };

const meaningOf = (verb: SnapshotVerb, ending: Ending, operation: KnownOperation): Meaning => {
  switch (ending.end) {
    case 'succeeded':
      return verb.done(operation, ending.outcome);
    case 'failed':
      return verb.failed(operation, { code: ending.error.code, title: ending.error.title }, ending.left);
    case 'cancelled':
      return verb.failed(operation, cancelled, {});
  }
};

const conclude = (
  verb: SnapshotVerb,
  ending: Ending,
  operation: KnownOperation,
  [snapshot, disk]: readonly LoadedStream[],
): Conclusion => {
  const { projectId, input, parts, target } = operation;
  if (parts.length > 0) return { streams: [], result: groupResult(ending, GroupSnapshotInput.parse(input), target) };
  const meaning = meaningOf(verb, ending, operation);
  const streams = [
    ...(snapshot ? snapshotFact(projectId, snapshot, meaning.snapshot) : []),
    ...(disk && meaning.disk ? diskFact(disk, meaning.disk) : []),
  ];
  const told = ending.end === 'succeeded' ? verb.told?.(ending.outcome) : {};
  return { streams, result: { snapshotId: SnapshotInput.parse(input).snapshotId, ...told } };
};

type Retried = ReturnType<KindRules['retry']>;

const retry = (
  verb: SnapshotVerb,
  { projectId, input }: KnownOperation,
  [snapshot, disk]: readonly LoadedStream[],
  work: WorkIds,
): Retried => {
  if (!snapshot) return refuse({ type: 'not-found' });
  const known: Disk = disk ? diskOf(disk) : { life: 'absent' };
  // Its disk belongs to another project by now.
  if (known.life !== 'absent' && known.projectId !== projectId) return refuse({ type: 'not-found' });
  const again = verb.again(input, work, known);
  const decided = decideOn(snapshot, decideSnapshot(again.snapshot, snapshotOf(snapshot)), projectId);
  if (!('append' in decided)) return decided;
  const streams = [decided.append];
  if (again.disk && disk) {
    const ofDisk = decideOn(disk, decideDisk(again.disk, known), projectId);
    if (!('append' in ofDisk)) return ofDisk;
    streams.push(ofDisk.append);
  }
  return { accepted: true, streams, input: inputOn(known, again.input ?? input) };
};

/** Its disk may have been made anew in the cloud since. */
const inputOn = (disk: Disk, input: JsonObject): JsonObject =>
  disk.life === 'in-cloud' && 'cloudDiskId' in input ? { ...input, cloudDiskId: disk.cloudId } : input;

type Decided = { readonly append: StreamAppend } | Decision<never, Refusal>;

const decideOn = (
  { stream, version: expectedVersion }: LoadedStream,
  decision: Decision<StreamAppend['events'][number], Refusal>,
  projectId: StreamAppend['projectId'],
): Decided =>
  decision.accepted ? { append: { stream, projectId, expectedVersion, events: decision.events } } : decision;

/** The rules of one verb: how its operation looks to the machinery, and what its ending means. */
export const snapshotRules = (verb: SnapshotVerb): KindRules => ({
  kind: verb.kind,
  sends: true,
  absence: verb.absence,
  deadlineMs: verb.deadlineMs,
  streams: ({ input, parts }) => {
    // A group touches nothing itself: its parts do.
    if (parts.length > 0) return [];
    const { snapshotId, diskId } = SnapshotInput.parse(input);
    return [snapshotStream(snapshotId), ...(verb.withDisk ? [diskStream(diskId)] : [])];
  },
  conclude: (ending, operation, resources) => conclude(verb, ending, operation, resources),
  retry: (operation, resources, work) => retry(verb, operation, resources, work),
});
