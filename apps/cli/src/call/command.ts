import type { ParseArgsOptionsConfig } from 'node:util';
import type { CliConfig } from '@strata/config';
import type { ExitCode } from './exit-code.js';
import type { Terminal } from './terminal.js';

export interface Invocation {
  readonly name: string;
  /** Options as they were given: a text, several for what may be repeated, or `true` for what takes none. */
  readonly options: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
  readonly operands: readonly string[];
  readonly config: CliConfig;
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C or SIGTERM: the command undoes what is half done, and ends. */
  readonly signal: AbortSignal;
}

export interface Command {
  /** How it is called: `log verify`. */
  readonly name: string;
  /** Names of what must stand behind it. */
  readonly operands?: readonly string[];
  readonly options: ParseArgsOptionsConfig;
  readonly summary: string;
  /** Lines of the usage, one for each option. */
  readonly help: readonly (readonly [option: string, meaning: string])[];
  run(invocation: Invocation): Promise<ExitCode>;
}

/** Of an option that may be repeated, in the order given. */
export const textOptions = ({ options }: Invocation, name: string): readonly string[] => {
  const values = options[name];
  return Array.isArray(values) ? values.map(String) : [];
};

export const textOption = ({ options }: Invocation, name: string): string | undefined => {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
};
