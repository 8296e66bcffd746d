import type { Pool } from 'pg';
import type { JsonObject, JsonValue } from '@strata/kernel';
import { exportLines } from '../log-export.js';
import type { LogRecord } from '../log-record.js';
import { type LogVerification, type VerifyOptions, verifyRecords } from '../log-verify.js';
import type { LogHead } from '../signed-head.js';
import { type EventRow, RECORDED_COLUMNS } from './recorded.js';

/** Events per query: a long read holds no long transaction. */
const CHUNK = 2_000;

interface RecordRow extends Omit<EventRow, 'data' | 'charges' | 'meta'> {
  readonly data: JsonObject;
  readonly charges: JsonValue[] | null;
  readonly meta: JsonObject;
  readonly content_hash: string;
}

const recordFrom = (row: RecordRow): LogRecord => ({
  position: Number(row.position),
  id: row.id,
  stream: row.stream,
  version: row.version,
  type: row.type,
  schemaVersion: row.schema_version,
  projectId: row.project_id,
  data: row.data,
  charges: row.charges ?? [],
  meta: row.meta,
  recordedAt: row.recorded_at,
  contentHash: row.content_hash,
  hash: row.hash,
});

/** All events up to `upTo`, in order, as they stand in the table. The pool's role must see everything (strata_worker, an owner). */
export async function* logRecords(pool: Pool, upTo: number, after = 0): AsyncGenerator<LogRecord> {
  for (let from = after; from < upTo;) {
    const { rows } = await pool.query<RecordRow>({
      name: 'log_records',
      text: `select ${RECORDED_COLUMNS}, encode(content_hash, 'hex') as content_hash from events
        where position > $1 and position <= $2 order by position limit ${CHUNK}`,
      values: [from, upTo],
    });
    for (const row of rows) yield recordFrom(row);
    const last = rows.at(-1);
    if (!last) return;
    from = Number(last.position);
  }
}

/** Position 0 and a hash of zeros before the first event. */
export const logHead = async (pool: Pool): Promise<LogHead> => {
  const { rows } = await pool.query<{ incarnation: string; position: string; hash: string }>(
    `select l.incarnation, coalesce(e.position, 0) as position, coalesce(encode(e.hash, 'hex'), repeat('0', 64)) as hash
     from log l left join lateral (select position, hash from events order by position desc limit 1) e on true`,
  );
  const [row] = rows;
  if (!row) throw new Error('the database has no log: migrate it first');
  return { incarnation: row.incarnation, position: Number(row.position), hash: row.hash };
};

/** Recomputes every hash of the log outside PostgreSQL, up to the head of this moment. */
export const verifyLog = async (
  pool: Pool,
  options: Omit<VerifyOptions, 'incarnation'> = {},
): Promise<LogVerification> => {
  const { incarnation, position } = await logHead(pool);
  return verifyRecords(logRecords(pool, position), { ...options, incarnation });
};

/** The lines of an export of the log up to the head of this moment. */
export async function* exportLog(pool: Pool): AsyncGenerator<string> {
  const { incarnation, position } = await logHead(pool);
  yield* exportLines(incarnation, logRecords(pool, position));
}
