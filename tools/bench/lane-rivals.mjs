import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';
import { v7 as newId } from 'uuid';

const payload = {
  ...{ name: 'data-01', sizeGiB: 40, type: 'SSD', availabilityZone: 'eu-de-01', tags: { stage: 'bench' } },
  operation: newId(),
};

/** Emmett's PostgreSQL store: one event to a new stream. */
export const emmett = async (url, connections) => {
  const pool = new pg.Pool({ connectionString: url, max: connections });
  pool.on('error', () => undefined);
  const store = getPostgreSQLEventStore(url, { connectionOptions: { pool } });
  await store.schema.migrate();
  const act = () =>
    store.appendToStream(`disk-${newId()}`, [{ type: 'DiskRequested', data: payload }], {
      expectedStreamVersion: 'STREAM_DOES_NOT_EXIST',
    });
  await act();
  return { act, close: async () => (await store.close(), await pool.end().catch(() => undefined)) };
};

/** The floor: one prepared insert of one row by `pg`, each in a transaction of its own. */
export const rawInsert = async (url, connections) => {
  const pool = new pg.Pool({ connectionString: url, max: connections });
  pool.on('error', () => undefined);
  await pool.query(`create table if not exists raw_insert (
    id bigint generated always as identity primary key, stream text not null, data jsonb not null)`);
  const text = 'insert into raw_insert (stream, data) values ($1, $2)';
  const act = () => pool.query({ name: 'raw', text, values: [`disk-${newId()}`, JSON.stringify(payload)] });
  return { act, close: () => pool.end() };
};
