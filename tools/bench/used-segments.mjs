import pg from 'pg';

const segmentMiB = 16;

/**
 * A server that has run for a while uses the segments of its write-ahead log again. A fresh one makes each of them and fills it
 * with zeros, 80 to 100 ms in which every commit stands: here it does so before anything is measured.
 */
export const withUsedSegments = async (adminUrl, count) => {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  await client.query(`alter system set min_wal_size = '${(count + 2) * segmentMiB}MB'`);
  await client.query('select pg_reload_conf()');
  for (let n = 0; n < count; n += 1)
    await client.query("select pg_logical_emit_message(false, 'bench', 'a segment'), pg_switch_wal()");
  await client.query('checkpoint');
  await client.end();
};
