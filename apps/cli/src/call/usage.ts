import type { Command } from './command.js';

const aligned = (rows: readonly (readonly [string, string])[], indent: number): readonly string[] => {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, meaning]) => `${' '.repeat(indent)}${name.padEnd(width)}  ${meaning}`);
};

const calledAs = ({ name, operands = [] }: Command): string =>
  [name, ...operands.map((operand) => `<${operand}>`)].join(' ');

const exitCodes: readonly (readonly [string, string])[] = [
  ['0', 'done; a check found nothing'],
  ['1', 'a check found a break or a difference'],
  ['2', 'command line or configuration not usable; nothing was done'],
  ['3', 'could not be carried out'],
  ['128 + n', 'ended by signal n (130: Ctrl-C)'],
];

export const usageOfAll = (commands: readonly Command[]): string =>
  [
    'Usage: strata <command> [options]',
    '',
    ...aligned(
      commands.map((command) => [calledAs(command), command.summary]),
      2,
    ),
    '',
    'strata <command> --help tells the options of a command.',
    '',
    'The database is that of DATABASE_URL (as strata_worker), else of the embedded Strata that runs in',
    'STRATA_DATA_DIR (.strata when not set).',
    '',
    'Exit codes:',
    ...aligned(exitCodes, 2),
  ].join('\n');

export const usageOf = (command: Command): string =>
  [
    `Usage: strata ${calledAs(command)}${command.help.length > 0 ? ' [options]' : ''}`,
    '',
    command.summary,
    ...(command.help.length > 0 ? ['', ...aligned(command.help, 2)] : []),
  ].join('\n');
