import { randomBytes } from 'node:crypto';
import { onOneConnection } from './one-connection.js';

/**
 * Gives the log a new incarnation: to be done after a restore to an earlier point, before anybody writes. Positions that
 * clients hold are then answered with `log-restored`. The url's user must own the tables. Answers with the new name.
 */
export const beginIncarnation = (ownerUrl: string): Promise<string> =>
  onOneConnection(ownerUrl, async (client) => {
    const incarnation = randomBytes(4).toString('hex');
    await client.query('update log set incarnation = $1', [incarnation]);
    return incarnation;
  });
