import type { RecordedEvent } from './append.js';

/** A row of a view with its key; `null` from `apply` means the row ends. */
export interface ViewRow {
  readonly key: string;
  readonly projectId: string;
}

/** One column of a view's table, beside key, project_id, valid_from, valid_to and generation. */
export type ColumnType = 'text' | 'text[]' | 'int' | 'bigint' | 'boolean' | 'jsonb' | 'timestamptz' | 'uuid';

/**
 * A pure function from events to rows (architecture §5). The follower that runs it reads by the thousand, folds in memory,
 * writes versioned rows (`valid_from`, `valid_to` are positions) by arrays, hundreds to a statement, and its checkpoint in the
 * same transaction by compare-and-set.
 */
export interface Projection<Row extends ViewRow = ViewRow> {
  /** Also the name of the table (`view_<name>`), with dashes as underscores. */
  readonly name: string;
  /**
   * Columns in the order of the table; each is a member of Row of the same name in camelCase (`size_gib` is `sizeGiB`).
   * A `timestamptz` is an RFC 3339 string; what is undefined in a row is null in the table.
   */
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** Every event type it knows; a type that is in no projection's list and not ignored stops only that follower. */
  readonly handles: readonly string[];
  /** Event types that it knows of and that change nothing here. */
  readonly ignores: readonly string[];
  /** Keys of the rows that an event touches. */
  keys(event: RecordedEvent): readonly string[];
  apply(row: Row | undefined, event: RecordedEvent, key: string): Row | null;
}

/** Something that follows the log with a checkpoint of its own and an effect in the same transaction. */
export interface Follower {
  readonly name: string;
  /** Event types that it knows; it stops before any other. Left out: every type that the process knows. */
  readonly knows?: readonly string[];
  /** See how long it may let events gather once it has caught up, in ms; none unless said. */
  readonly gatherMs?: number;
  /** The transaction that also moves the checkpoint. `query` runs SQL in it. */
  handle(events: readonly RecordedEvent[], tx: FollowerTransaction): Promise<void>;
  /** Called after a commit that handled something: a nudge, may be lost. */
  committed?(position: number): void;
}

export interface FollowerTransaction {
  query<Row extends object>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}
