import { retireFollower } from '@strata/event-store/postgres';
import type { Pool } from 'pg';
import type { Command } from '../call/command.js';
import { exitCode } from '../call/exit-code.js';
import { unusable } from '../call/fault.js';
import { say } from '../call/terminal.js';
import { untilAborted } from '../call/until-aborted.js';
import { withDatabase } from '../database/database.js';

const followersIn = async (pool: Pool): Promise<readonly string[]> => {
  const { rows } = await pool.query<{ follower: string }>('select follower from follower_state order by follower');
  return rows.map(({ follower }) => follower);
};

/** For a follower that no build has any more: writers would wait for ever for it to know a new event type. */
export const followerRetire: Command = {
  name: 'follower retire',
  operands: ['follower'],
  options: {},
  summary: 'Let writers no longer wait for a follower of the log that no build has any more',
  help: [],
  run: async (invocation) => {
    const { operands, terminal, signal } = invocation;
    const [follower = ''] = operands;
    return withDatabase(invocation, async (pool) => {
      const followers = await untilAborted(signal, followersIn(pool));
      if (!followers.includes(follower)) {
        throw unusable(`there is no follower "${follower}"; there are ${followers.join(', ') || 'none'}`);
      }
      await untilAborted(signal, retireFollower(pool, follower));
      say(terminal.out, `${follower} is retired; it comes back with the next projector that has it`);
      return exitCode.ok;
    });
  },
};
