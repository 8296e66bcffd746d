import type { Sight } from './event-store.js';
import type { Projection, ViewRow } from './follower.js';

/** A value of a column: of a `timestamptz` an RFC 3339 string, of a `uuid` and `text` a string, of a number a number. */
export type ViewValue = string | number | boolean | null;

export interface ViewRange {
  readonly gte?: string | number | undefined;
  readonly gt?: string | number | undefined;
  readonly lte?: string | number | undefined;
  readonly lt?: string | number | undefined;
}

/** Where a page ended: the sort value and the key of its last row. */
export interface ViewCursor {
  readonly value: ViewValue;
  readonly key: string;
}

/**
 * What to list. Columns are named by the members of `Row`; only those that the projection declares (and `key`,
 * `projectId`) are taken, everything else throws `InvalidViewQuery`.
 */
export interface ViewQuery<Row extends ViewRow> {
  readonly view: Projection<Row>;
  readonly sight: Sight;
  /** A row matches when each column has one of the values; a `text[]` column when it holds one of them. */
  readonly where?: Readonly<Record<string, readonly ViewValue[]>> | undefined;
  readonly ranges?: Readonly<Record<string, ViewRange>> | undefined;
  /** Against the `jsonb` map in the column `tags`: each key with one of its values. */
  readonly tags?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Ties go by key, in the same direction. Text is ordered by code points; null is greater than everything. */
  readonly sort: { readonly by: string; readonly direction: 'asc' | 'desc' };
  readonly after?: ViewCursor | undefined;
  readonly limit: number;
  /** A position of the log: the view as it was when it had followed the log up to there. The caller waits for it first. */
  readonly asOf?: number | undefined;
}

export interface ViewPage<Row extends ViewRow> {
  readonly rows: readonly Row[];
  /** The view had followed the log up to here when the rows were read. */
  readonly position: number;
  /** For `after` of the next page; null when this is the last one. */
  readonly next: ViewCursor | null;
}

/** A page of which only one column was read; see `texts`. */
export interface ViewTexts {
  /** In the order of the rows, with a comma between two. */
  readonly joined: string;
  readonly count: number;
  readonly position: number;
  readonly next: ViewCursor | null;
}

/** A column that the view does not have, or a value that the column cannot hold. */
export class InvalidViewQuery extends Error {
  override readonly name = 'InvalidViewQuery';
  constructor(
    readonly column: string,
    readonly reason: string,
  ) {
    super(`${column} ${reason}`);
  }
}

/**
 * Views as features read them. Every read sees what its `sight` allows and nothing else, by row-level security.
 * Times in rows are RFC 3339 UTC with microseconds.
 */
export abstract class ViewStore {
  /** @throws InvalidViewQuery */
  abstract list<Row extends ViewRow>(query: ViewQuery<Row>): Promise<ViewPage<Row>>;

  /**
   * The same rows, of each only the text column that `read` names: for answers that the view keeps ready. Undefined where a row
   * has nothing in it. @throws InvalidViewQuery
   */
  abstract texts<Row extends ViewRow>(query: ViewQuery<Row>, read: string): Promise<ViewTexts | undefined>;

  /** Undefined when there is no such row, or none that `sight` allows. */
  abstract get<Row extends ViewRow>(request: {
    readonly view: Projection<Row>;
    readonly sight: Sight;
    readonly key: string;
    readonly asOf?: number | undefined;
  }): Promise<{ readonly row: Row; readonly position: number } | undefined>;

  /** Up to where the view has followed the log. */
  abstract position(view: string): Promise<number>;

  /** Whether the view got to `position` within the time; false also on abort. */
  abstract waitFor(view: string, position: number, timeoutMs: number, signal?: AbortSignal): Promise<boolean>;
}
