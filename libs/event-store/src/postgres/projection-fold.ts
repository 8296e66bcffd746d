import type { RecordedEvent } from '../append.js';
import { UnknownEventType, type EventTypes } from '../event-types.js';
import type { Projection, ViewRow } from '../follower.js';
import { canonicalRow, viewTable } from './projection-table.js';

/**
 * A row from the event that made it to the event that changed it: it holds at every position p with
 * `validFrom` ≤ p < `validTo`. So `validTo` is exclusive: the position of the event that ended it.
 */
export interface RowVersion<Row extends ViewRow = ViewRow> {
  readonly row: Row;
  readonly validFrom: number;
  readonly validTo: number | null;
}

export interface Folded<Row extends ViewRow = ViewRow> {
  /** Versions that stood open in the table before this batch, and end in it. */
  readonly ended: readonly { readonly key: string; readonly validFrom: number; readonly validTo: number }[];
  /** Every version that this batch made, also those that it ended again. */
  readonly made: readonly RowVersion<Row>[];
}

/** The events that a projection handles, in today's shape. @throws UnknownEventType for one that it does not know of. */
export const handledBy = (projection: Projection, types: EventTypes) => {
  const handles = new Set(projection.handles);
  const ignores = new Set(projection.ignores);
  return (events: readonly RecordedEvent[]): readonly RecordedEvent[] => {
    const handled: RecordedEvent[] = [];
    for (const event of events) {
      if (handles.has(event.type)) handled.push(types.upcast(event));
      else if (!ignores.has(event.type)) {
        throw new UnknownEventType(event.type, event.schemaVersion, event.position, undefined);
      }
    }
    return handled;
  };
};

export const keysOf = (projection: Projection, events: readonly RecordedEvent[]): readonly string[] => [
  ...new Set(events.flatMap((event) => projection.keys(event))),
];

interface Open<Row extends ViewRow> {
  readonly row: Row;
  readonly validFrom: number;
  readonly stored: boolean;
}

/** Pure: what a batch of handled events makes of the rows that stood open before it. */
export const foldEvents = <Row extends ViewRow>(
  projection: Projection<Row>,
  events: readonly RecordedEvent[],
  before: ReadonlyMap<string, RowVersion<Row>>,
): Folded<Row> => {
  const table = viewTable(projection);
  const open = new Map<string, Open<Row>>();
  for (const [key, { row, validFrom }] of before) open.set(key, { row, validFrom, stored: true });
  const ended: { key: string; validFrom: number; validTo: number }[] = [];
  const made: RowVersion<Row>[] = [];

  const end = (key: string, { row, validFrom, stored }: Open<Row>, validTo: number) => {
    if (stored) ended.push({ key, validFrom, validTo });
    else made.push({ row, validFrom, validTo });
    open.delete(key);
  };
  const change = (key: string, event: RecordedEvent) => {
    const current = open.get(key);
    const next = projection.apply(current?.row, event, key);
    if (next === (current?.row ?? null)) return;
    if (current) end(key, current, event.position);
    if (!next) return;
    if (next.key !== key) throw new Error(`${projection.name}: the row of ${key} came back as that of ${next.key}`);
    open.set(key, { row: canonicalRow(table, next), validFrom: event.position, stored: false });
  };

  for (const event of events) for (const key of new Set(projection.keys(event))) change(key, event);
  for (const { row, validFrom, stored } of open.values()) if (!stored) made.push({ row, validFrom, validTo: null });
  return { ended, made };
};
