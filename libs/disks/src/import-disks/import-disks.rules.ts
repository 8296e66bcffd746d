import { refuse, type JsonObject } from '@strata/kernel';
import type { Ending, KindRules, KnownOperation } from '@strata/operations';
import { z } from 'zod';

export const ImportInput = z.object({
  disks: z.array(z.object({ diskId: z.string(), cloudId: z.string(), projectId: z.string() })),
});

/** The verdict of each disk, with where it lies and where it went. */
const resultOf = (ending: Ending, { input }: KnownOperation): JsonObject => {
  const told = ending.end === 'succeeded' ? ending.outcome : ending.end === 'failed' ? ending.left : {};
  const parts = Array.isArray(told['parts']) ? (told['parts'] as readonly JsonObject[]) : [];
  const verdicts = new Map(
    parts.map(({ id, status, error }) => [id, { status: status ?? null, error: error ?? null }]),
  );
  const disks = ImportInput.parse(input).disks;
  return {
    disks: disks.map((disk) => ({ ...disk, ...(verdicts.get(disk.diskId) ?? { status: 'cancelled', error: null }) })),
  };
};

/** Sends nothing itself: its parts adopt the disks, each into its project. */
export const importDisksRules: KindRules = {
  kind: 'binding.import',
  sends: false,
  absence: 'one-look',
  deadlineMs: 4 * 60 * 60_000,
  streams: () => [],
  conclude: (ending, operation) => ({ streams: [], result: resultOf(ending, operation) }),
  instead: () => 'import anew',
  retry: () => refuse({ type: 'not-retryable', reason: 'what was not adopted is open again: import it anew' }),
};
