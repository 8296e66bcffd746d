import { type CliConfig, ConfigurationFaults, type Environment, loadCliConfig } from '@strata/config';
import { type Called, readCommandLine } from './call/command-line.js';
import { commands } from './commands.js';
import { exitCode, type ExitCode } from './call/exit-code.js';
import { exitCodeOf, isUnread, lineOf, withoutSecrets } from './call/fault.js';
import { say, type Terminal } from './call/terminal.js';
import { usageOf, usageOfAll } from './call/usage.js';

export interface Call {
  readonly args: readonly string[];
  readonly env: Environment;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

const passwordIn = (url: string | undefined): string | undefined =>
  url === undefined ? undefined : decodeURIComponent(new URL(url).password);

const secretsOf = ({ databaseUrl, adminUrl, passwords }: CliConfig): readonly (string | undefined)[] => [
  databaseUrl,
  adminUrl,
  passwordIn(databaseUrl),
  passwordIn(adminUrl),
  ...Object.values(passwords),
];

const carryOut = async (called: Exclude<Called, { help: unknown }>, call: Call): Promise<ExitCode> => {
  const { command, options, operands } = called;
  const { terminal, signal } = call;
  const config = loadCliConfig(call.env);
  try {
    return await command.run({ name: command.name, options, operands, config, terminal, signal });
  } catch (error) {
    if (signal.aborted) return exitCode.interrupted;
    if (isUnread(error)) return exitCode.unread;
    say(terminal.err, `strata ${command.name}: ${withoutSecrets(lineOf(error), secretsOf(config))}`);
    return exitCodeOf(error);
  }
};

/** Never throws: every fault is one line on `err` and a code. */
export const run = async (call: Call): Promise<ExitCode> => {
  const { args, terminal } = call;
  try {
    const called = readCommandLine(args, commands);
    if (!('help' in called)) return await carryOut(called, call);
    say(terminal.out, called.help === 'all' ? usageOfAll(commands) : usageOf(called.help));
    return exitCode.ok;
  } catch (error) {
    const code = error instanceof ConfigurationFaults ? exitCode.usage : exitCodeOf(error);
    say(terminal.err, `strata: ${error instanceof ConfigurationFaults ? error.message : lineOf(error)}`);
    return code;
  }
};
