import { exportLines, type LogRecord } from '@strata/event-store';
import { logRecords } from '@strata/event-store/postgres';
import { type Command, type Invocation, textOption } from '../call/command.js';
import { withDatabase } from '../database/database.js';
import { exitCode } from '../call/exit-code.js';
import { unusable } from '../call/fault.js';
import { counted, say } from '../call/terminal.js';
import { eachUntilAborted } from '../call/until-aborted.js';
import { visibleHead } from './visible-log.js';
import { writeLines, writeWholeFile } from './whole-file.js';

const positionOption = (invocation: Invocation, name: string): number => {
  const text = textOption(invocation, name) ?? '0';
  if (!/^\d{1,15}$/.test(text)) throw unusable(`--${name} must be a position, not "${text}"`);
  return Number(text);
};

/** Up to the head of the moment at which it begins; the first line says what it is, the last one where it ends. */
const run = async (invocation: Invocation) => {
  const { terminal, signal } = invocation;
  const after = positionOption(invocation, 'after');
  const out = textOption(invocation, 'out');
  return withDatabase(invocation, async (pool) => {
    const { incarnation, position } = await visibleHead(pool, signal);
    if (after > position) throw unusable(`the log ends at position ${position}, before --after ${after}`);
    if (after === position && after > 0) {
      say(terminal.err, `nothing to export: the log ends at position ${position}`);
      return exitCode.ok;
    }
    let events = 0;
    const counting = async function* (): AsyncGenerator<LogRecord> {
      for await (const record of logRecords(pool, position, after)) {
        events += 1;
        yield record;
      }
    };
    const lines = eachUntilAborted(signal, exportLines(incarnation, counting()));
    if (out === undefined) await writeLines(terminal.out, lines, signal);
    else await writeWholeFile(out, lines, signal);
    say(terminal.err, `exported ${counted(events, 'event')}, up to position ${position}`);
    return exitCode.ok;
  });
};

export const logExport: Command = {
  name: 'log export',
  options: { out: { type: 'string' }, after: { type: 'string' } },
  summary: 'Write the log as lines of JSON, with everything that its hashes cover',
  help: [
    ['--out <file>', 'Into a file, whole or not at all, instead of to the terminal'],
    ['--after <position>', 'Only what follows this position: the end of the export before'],
  ],
  run,
};
