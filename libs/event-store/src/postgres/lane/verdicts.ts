import type { JsonObject } from '@strata/kernel';
import type { OverQuota, Verdict } from '../../append.js';
import type { PreparedAppend } from './prepare.js';

export interface BatchRow {
  readonly first_position: string | null;
  readonly recorded_at: string | null;
  /** Null: everything was committed. `stale-tree`: nothing was, the tree has changed. */
  readonly verdicts: string | null;
}

type Refusal =
  | { readonly status: 'replayed'; readonly position: number; readonly recordedAt: string }
  | {
      readonly status: 'key-known';
      readonly fingerprint: string;
      readonly answer: JsonObject;
      readonly position: number;
    }
  | { readonly status: 'conflict'; readonly on: 'stream' | 'tree'; readonly what: string }
  | ({ readonly status: 'over-quota' } & OverQuota);

const versionsOf = ({ entries }: PreparedAppend): readonly number[] =>
  entries.map(({ expectedVersion, events }) => expectedVersion + events.length);

const verdictOf = (append: PreparedAppend, refusal: Refusal, sentBefore: boolean): Verdict => {
  if (refusal.status !== 'replayed') return refusal;
  const { position, recordedAt } = refusal;
  // The answer to the first sending was lost; this one tells what it was.
  if (sentBefore) return { status: 'committed', position, versions: versionsOf(append), recordedAt };
  return { status: 'replayed', position };
};

/** Positions go to the committed appends in their order, without a hole. */
export const verdictsOf = (
  appends: readonly PreparedAppend[],
  row: BatchRow,
  sentBefore: boolean,
): readonly Verdict[] => {
  const refusals = row.verdicts === null ? [] : (JSON.parse(row.verdicts) as readonly (Refusal | null)[]);
  const recordedAt = row.recorded_at ?? '';
  let position = Number(row.first_position) - 1;
  return appends.map((append, index): Verdict => {
    const refusal = refusals[index];
    if (refusal) return verdictOf(append, refusal, sentBefore);
    position += append.events;
    return { status: 'committed', position, versions: versionsOf(append), recordedAt };
  });
};
