import { randomBytes } from 'node:crypto';
import pg from 'pg';

/**
 * Gives the log a new incarnation: to be done after a restore to an earlier point, before anybody writes. Positions that
 * clients hold are then answered with `log-restored`. The url's user must own the tables. Answers with the new name.
 */
export const beginIncarnation = async (ownerUrl: string): Promise<string> => {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const incarnation = randomBytes(4).toString('hex');
    await client.query('update log set incarnation = $1', [incarnation]);
    return incarnation;
  } finally {
    await client.end();
  }
};
