import { JsonValue } from '@strata/kernel';
import type { JsonObject } from '@strata/kernel';
import { targetIds, type Ending, type Target } from '@strata/operations';
import { z } from 'zod';
import type { GroupSnapshotInput } from '../snapshot-inputs.js';

const Parts = z.array(
  z.object({
    id: z.string(),
    status: z.string(),
    error: JsonValue,
    result: z.object({ takenAt: z.iso.datetime().optional() }).nullable(),
  }),
);

type Told = Exclude<Ending, { readonly end: 'cancelled' }>;

const partsTold = (ending: Told) => (ending.end === 'succeeded' ? ending.outcome : ending.left)['parts'] ?? [];

/** A group is cancelled where every part of it was: one that is tried again has those alone that it takes again. */
const cancelledPart = (id: string) => ({ id, status: 'cancelled', error: null, result: null }) as const;

/**
 * What came of each disk, and how far apart the cloud says that it took them: the time between the first and the last, in ms;
 * null where it does not say so of two of them.
 */
export const groupResult = (
  ending: Ending,
  { snapshots }: z.infer<typeof GroupSnapshotInput>,
  target: Target,
): JsonObject => {
  const parts = ending.end === 'cancelled' ? targetIds(target).map(cancelledPart) : Parts.parse(partsTold(ending));
  const diskOf = new Map(snapshots.map(({ snapshotId, diskId }) => [String(snapshotId), diskId]));
  const timesMs = parts.flatMap(({ result }) => (result?.takenAt === undefined ? [] : [Date.parse(result.takenAt)]));
  return {
    snapshots: parts.map(({ id, status, error }) => ({
      snapshotId: id,
      diskId: diskOf.get(id) ?? null,
      status,
      error,
    })),
    skewMs: timesMs.length < 2 ? null : Math.max(...timesMs) - Math.min(...timesMs),
  };
};
