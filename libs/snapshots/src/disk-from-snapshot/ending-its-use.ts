import { CreateInput, SourcedInput } from '@strata/disks';
import type { LoadedStream } from '@strata/event-store';
import { refuse, type JsonObject, type SnapshotId } from '@strata/kernel';
import type { KindRules, KnownOperation, WorkIds } from '@strata/operations';
import { snapshotFact, snapshotStream } from '../snapshot/snapshot.stream.js';
import { UsedSnapshots } from './used-snapshots.js';

const snapshots = new UsedSnapshots();

/**
 * The rules of making disks, of which some begin with a snapshot. Its use ends in the same commit as the operation that users
 * see: a batch ends it once, however many disks it makes, so that their ends do not contend for the snapshot.
 */
export const endingItsUse = (rules: KindRules): KindRules => ({
  ...rules,
  streams: (request) => [...rules.streams(request), ...snapshotsIn(request.input).map(snapshotStream)],
  conclude: (ending, operation, resources) => {
    const { own, snapshot } = split(operation, resources);
    const conclusion = rules.conclude(ending, operation, own);
    if (snapshot === undefined || operation.partOf !== null) return conclusion;
    const { projectId, operationId } = operation;
    const ended = snapshotFact(projectId, snapshot, { type: 'RecordUseEnded', operationId });
    return { ...conclusion, streams: [...conclusion.streams, ...ended] };
  },
  retry: (operation, resources, work) => {
    const { own, snapshot } = split(operation, resources);
    const again = rules.retry(operation, own, work);
    return snapshot === undefined || !('streams' in again) ? again : usingAgain(operation, snapshot, work, again);
  },
});

type Again = Extract<ReturnType<KindRules['retry']>, { readonly streams: unknown }>;

/** The snapshot may have changed since, or be gone. */
const usingAgain = (
  { projectId, input }: KnownOperation,
  snapshot: LoadedStream,
  { shownAs: operationId }: WorkIds,
  again: Again,
): ReturnType<KindRules['retry']> => {
  const { diskId, ...spec } = CreateInput.parse(input);
  const taken = snapshots.use(snapshot, { projectId, operationId }, { diskId, spec });
  if (!taken.accepted) return refuse(taken.refusal.type === 'not-found' ? gone : taken.refusal);
  const { streams } = again;
  return { ...again, streams: [...streams, taken.append], input: { ...again.input, sourceCloudId: taken.cloudId } };
};

/** Not `not-found`: the operation that is to be tried again is there. */
const gone = { type: 'snapshot-not-ready', snapshotStatus: 'deleted', allowed: [] } as const;

const snapshotsIn = (input: JsonObject): readonly SnapshotId[] => {
  const { source } = SourcedInput.parse(input);
  return source !== undefined && 'snapshotId' in source ? [source.snapshotId] : [];
};

/** The snapshot comes last, as `streams` names it. */
const split = ({ input }: KnownOperation, resources: readonly LoadedStream[]) =>
  snapshotsIn(input).length === 0
    ? { own: resources, snapshot: undefined }
    : { own: resources.slice(0, -1), snapshot: resources.at(-1) };
