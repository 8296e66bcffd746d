import {
  type LogFault,
  type LogVerification,
  type SignedHead,
  verifyExport,
  type VerifyOptions,
  verifyRecords,
} from '@strata/event-store';
import { logRecords, storedHeads } from '@strata/event-store/postgres';
import { type Command, type Invocation, textOption, textOptions } from '../call/command.js';
import { withDatabase } from '../database/database.js';
import { exitCode, type ExitCode } from '../call/exit-code.js';
import { continued } from './exports.js';
import { verifyingKeyIfNamed, verifyingKeyOf } from './head-keys.js';
import { headsIn } from './signed-heads.js';
import { counted, say, type Terminal } from '../call/terminal.js';
import { eachUntilAborted, untilAborted } from '../call/until-aborted.js';
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

/** What the heads prove, as far as there are any; `undefined` where they were not asked for. */
const heldHeads = (heads: readonly SignedHead[] | undefined): string => {
  if (heads === undefined) return '';
  const newest = heads
    .map(({ signedAt }) => signedAt)
    .sort()
    .at(-1);
  return newest === undefined
    ? ', no head signed with this key'
    : `, ${counted(heads.length, 'signed head')} held, the newest of ${newest}`;
};

const report = ({ events, position, hash, faults }: LogVerification, held: string, { out }: Terminal): ExitCode => {
  for (const found of faults) say(out, `position ${found.position}: ${meaning(found)}`);
  const [first] = faults;
  if (first === undefined) {
    say(out, `verified ${counted(events, 'event')} up to position ${position}${held}; hash ${hash}`);
    return exitCode.ok;
  }
  const many = faults.length >= mostFaults ? `${mostFaults} faults or more` : counted(faults.length, 'fault');
  say(out, `${many}: the log breaks first at position ${first.position}`);
  return exitCode.found;
};

/** Heads of a file, and the key that they are signed with. */
const keptHeads = async (invocation: Invocation): Promise<Pick<VerifyOptions, 'heads' | 'key'>> => {
  const path = textOption(invocation, 'heads');
  if (path === undefined) return { key: await verifyingKeyIfNamed(invocation) };
  return { heads: await headsIn(path), key: await verifyingKeyOf(invocation) };
};

const verifyDatabase = (invocation: Invocation, { heads, key }: Pick<VerifyOptions, 'heads' | 'key'>) =>
  withDatabase(invocation, async (pool) => {
    const { signal } = invocation;
    // Before the end of the log: a head that is signed in between would seem to lie behind it.
    const stored = key && (await untilAborted(signal, storedHeads(pool, key)));
    const all = stored ? [...(heads ?? []), ...stored] : heads;
    const { incarnation, position } = await visibleHead(pool, signal);
    const options = { incarnation, maxFaults: mostFaults, key, ...(all && { heads: all }) };
    const verified = await verifyRecords(eachUntilAborted(signal, logRecords(pool, position)), options);
    return { verified, heads: all };
  });

const run = async (invocation: Invocation): Promise<ExitCode> => {
  const { terminal, signal } = invocation;
  const kept = await keptHeads(invocation);
  const exports = textOptions(invocation, 'from-export');
  if (exports.length > 0) {
    const lines = eachUntilAborted(signal, continued(exports));
    const verified = await verifyExport(lines, { maxFaults: mostFaults, ...kept });
    return report(verified, heldHeads(kept.heads), terminal);
  }
  const { verified, heads } = await verifyDatabase(invocation, kept);
  return report(verified, heldHeads(heads), terminal);
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
    ['--heads <file>', 'Signed heads that were kept elsewhere, besides those that lie in the database'],
    [
      '--signing-key-file <file>',
      'Hold the log against its signed heads: PEM public key (ed25519), or the secret; else STRATA_HEAD_SIGNING_KEY',
    ],
  ],
  run,
};
