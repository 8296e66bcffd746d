import { PostgresQuotaLedger } from '@strata/event-store/postgres';
import type { Recounted } from '@strata/event-store';
import type { Figures } from '@strata/kernel';
import type { Command } from '../call/command.js';
import { withDatabase } from '../database/database.js';
import { exitCode } from '../call/exit-code.js';
import { counted, say } from '../call/terminal.js';
import { untilAborted } from '../call/until-aborted.js';

const figures = ({ held, used, releasing }: Figures): string => `held ${held}, used ${used}, releasing ${releasing}`;

const difference = ({ node, dimension, ledger, log }: Recounted): string =>
  `node ${node}, ${dimension}: the ledger says ${figures(ledger)}; the log adds up to ${figures(log)}`;

/** The ledger must be what the log adds up to, at every node (invariant I2). */
export const quotaVerify: Command = {
  name: 'quota verify',
  options: {},
  summary: 'Recount the quota of every project and binding from the log',
  help: [],
  run: ({ config, terminal, signal }) =>
    withDatabase({ config, signal }, async (pool) => {
      const { position, nodes, differences } = await untilAborted(signal, new PostgresQuotaLedger(pool).recount());
      for (const found of differences) say(terminal.out, difference(found));
      const outcome = differences.length === 0 ? 'no difference' : counted(differences.length, 'difference');
      say(terminal.out, `${outcome}: ${counted(nodes, 'node')} recounted at position ${position}`);
      return differences.length === 0 ? exitCode.ok : exitCode.found;
    }),
};
