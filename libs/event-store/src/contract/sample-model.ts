import type { Pool } from 'pg';
import type { ViewRow } from '../follower.js';
import type { RowVersion } from '../postgres/projection-fold.js';
import { canonicalRow, rowOf, viewTable } from '../postgres/projection-table.js';
import { sampleTypes, sampleView, type SampleEvent, type SampleRow } from './sample-disks.js';
import { recorded } from './written-log.js';

const byKey = (a: ViewRow, b: ViewRow): number => (a.key < b.key ? -1 : 1);

/** What the sample view must show at each position: one event after the other, nothing batched, nothing stored. */
export function* everyPosition(history: readonly SampleEvent[]) {
  const rows = new Map<string, SampleRow>();
  for (const [index, written] of history.entries()) {
    const event = sampleTypes.upcast(recorded(written, index + 1));
    const keys = sampleView.handles.includes(event.type) ? sampleView.keys(event) : [];
    for (const key of new Set(keys)) {
      const row = sampleView.apply(rows.get(key), event, key);
      if (row) rows.set(key, canonicalRow(viewTable(sampleView), row));
      else rows.delete(key);
    }
    yield { position: index + 1, expected: [...rows.values()].sort(byKey) };
  }
}

/** Every version of every row of a generation. Needs a role that sees them all. */
export const followedRows = async (pool: Pool, generation: number): Promise<readonly RowVersion<SampleRow>[]> => {
  const table = viewTable(sampleView);
  const { rows } = await pool.query<Record<string, unknown>>(
    `select ${table.selectList}, valid_from, valid_to from ${table.table} where generation = $1`,
    [generation],
  );
  return rows.map((record) => ({
    row: rowOf<SampleRow>(table, record),
    validFrom: Number(record['valid_from']),
    validTo: record['valid_to'] === null ? null : Number(record['valid_to']),
  }));
};

export const rowsAt = (versions: readonly RowVersion<SampleRow>[], position: number): readonly SampleRow[] =>
  versions
    .filter(({ validFrom, validTo }) => validFrom <= position && (validTo === null || validTo > position))
    .map(({ row }) => row)
    .sort(byKey);
