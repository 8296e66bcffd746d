import pg from 'pg';

/**
 * One connection for the length of `use`. When it is lost, the query under way or the next one fails: that it is also told as
 * an event, which ends a process without a listener, is nobody's concern.
 */
export const onOneConnection = async <T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
};
