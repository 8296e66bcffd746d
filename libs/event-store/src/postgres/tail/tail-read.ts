import type { QueryConfig, QueryResultRow } from 'pg';
import type { RecordedEvent } from '../../append.js';
import { type EventTuple, recordedFromTuple } from '../recorded.js';

/** What those who have a seat want to be told. */
export interface Wanted {
  readonly whole: boolean;
  readonly projects: readonly string[];
  readonly operations: readonly string[];
  readonly streams: readonly string[];
}

/** An event as recorded, with what decides whom it concerns and who may see it. */
export interface TailEvent {
  readonly event: RecordedEvent;
  readonly operationId: string | null;
  readonly partId: string | null;
  /** Of its project, as the tree stood when it was read; empty when there is no such node. */
  readonly path: readonly string[];
}

export interface TailPiece {
  readonly incarnation: string;
  /** What is wanted is told up to here. */
  readonly through: number;
  readonly events: readonly TailEvent[];
}

type TailTuple = readonly [...EventTuple, string | null, string | null, readonly string[] | null];

interface TailRow {
  readonly incarnation: string;
  readonly through: string;
  readonly events: readonly TailTuple[] | null;
}

export type Query = <Row extends QueryResultRow>(query: QueryConfig) => Promise<readonly Row[]>;

const eventOf = (tuple: TailTuple): TailEvent => {
  const [operationId, partId, path] = tuple.slice(12) as unknown as readonly [
    string | null,
    string | null,
    readonly string[] | null,
  ];
  return { event: recordedFromTuple(tuple as unknown as EventTuple), operationId, partId, path: path ?? [] };
};

/** What is wanted of at most `most` positions after one, in one query and one snapshot. */
export const readTail = async (query: Query, after: number, most: number, wanted: Wanted): Promise<TailPiece> => {
  const { whole, projects, operations, streams } = wanted;
  const [row] = await query<TailRow>({
    name: 'tail_log',
    text: 'select incarnation, through, events from tail_log($1,$2,$3,$4,$5,$6)',
    values: [after, most, whole, projects, operations, streams],
  });
  if (!row) throw new Error('the database has no log: migrate it first');
  return { incarnation: row.incarnation, through: Number(row.through), events: (row.events ?? []).map(eventOf) };
};
