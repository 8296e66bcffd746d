import {
  type LogFault,
  type LogVerification,
  verifyExport,
  type VerifyOptions,
  verifyRecords,
} from '@strata/event-store';
import { logRecords } from '@strata/event-store/postgres';
import { type Command, type Invocation, textOption, textOptions } from '../call/command.js';
import { withDatabase } from '../database/database.js';
import { exitCode, type ExitCode } from '../call/exit-code.js';
import { continued } from './exports.js';
import { verifyingKeyOf } from './head-keys.js';
import { headsIn } from './signed-heads.js';
import { counted, say, type Terminal } from '../call/terminal.js';
import { eachUntilAborted } from '../call/until-aborted.js';
import { visibleHead } from './visible-log.js';

const mostFaults = 100;

const meaning = (found: LogFault): string => {
  switch (found.fault) {
    case 'gap':
      return `the log goes on here where ${found.expected} was expected`;
    case 'content-changed':
      return 'the event is not what was recorded';
    case 'chain-broken':
      return 'the event does not follow from the one before it';
    case 'time-runs-backwards':
      return 'it was recorded before the one before it';
    case 'cut-off':
      return `the head signed at ${found.signedAt} lies here, behind the end: the tail was cut off`;
    case 'not-the-signed-log':
      return `the head signed at ${found.signedAt} is of another log: this one was rewritten or restored`;
    case 'bad-signature':
      return `the head signed at ${found.signedAt} is not signed by this key`;
    case 'broken-export':
      return `the export is broken behind it: ${found.detail}`;
  }
};

const report = ({ events, position, hash, faults }: LogVerification, heads: number, { out }: Terminal): ExitCode => {
  for (const found of faults) say(out, `position ${found.position}: ${meaning(found)}`);
  const [first] = faults;
  if (first === undefined) {
    const signed = heads > 0 ? `, ${counted(heads, 'signed head')} held` : '';
    say(out, `verified ${counted(events, 'event')} up to position ${position}${signed}; hash ${hash}`);
    return exitCode.ok;
  }
  const many = faults.length >= mostFaults ? `${mostFaults} faults or more` : counted(faults.length, 'fault');
  say(out, `${many}: the log breaks first at position ${first.position}`);
  return exitCode.found;
};

const optionsOf = async (invocation: Invocation): Promise<VerifyOptions> => {
  const path = textOption(invocation, 'heads');
  if (path === undefined) return { maxFaults: mostFaults };
  return { maxFaults: mostFaults, heads: await headsIn(path), key: await verifyingKeyOf(invocation) };
};

const run = async (invocation: Invocation): Promise<ExitCode> => {
  const { terminal, signal } = invocation;
  const options = await optionsOf(invocation);
  const exports = textOptions(invocation, 'from-export');
  const verified =
    exports.length > 0
      ? await verifyExport(eachUntilAborted(signal, continued(exports)), options)
      : await withDatabase(invocation, async (pool) => {
          const { incarnation, position } = await visibleHead(pool, signal);
          return verifyRecords(eachUntilAborted(signal, logRecords(pool, position)), { ...options, incarnation });
        });
  return report(verified, options.heads?.length ?? 0, terminal);
};

/** Both hashes of every event, recomputed here and not in PostgreSQL. */
export const logVerify: Command = {
  name: 'log verify',
  options: {
    'from-export': { type: 'string', multiple: true },
    heads: { type: 'string' },
    'signing-key-file': { type: 'string' },
  },
  summary: 'Recompute both hashes of every event, and say where the log breaks',
  help: [
    ['--from-export <file>', 'An export instead of a database; more than one in the order in which they continue'],
    ['--heads <file>', 'Hold the log against signed heads too: a tail that was cut off shows'],
    [
      '--signing-key-file <file>',
      'Key of the heads: PEM public key (ed25519), or the secret; else STRATA_HEAD_SIGNING_KEY',
    ],
  ],
  run,
};
