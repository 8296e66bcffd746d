import { parseArgs } from 'node:util';
import type { Command, Invocation } from './command.js';
import { unusable } from './fault.js';

export type Called =
  | { readonly help: 'all' }
  | { readonly help: Command }
  | { readonly command: Command; readonly options: Invocation['options']; readonly operands: readonly string[] };

const wordsOf = ({ name }: Command): readonly string[] => name.split(' ');

const commandIn = (args: readonly string[], commands: readonly Command[]): Command => {
  const found = commands.find((command) => wordsOf(command).every((word, index) => args[index] === word));
  if (found) return found;
  const [first = '', second] = args;
  const family = commands.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name);
  if (family.length > 0)
    throw unusable(`${second ? `"${first} ${second}" is no command.` : 'what of it?'} There is: ${family.join(', ')}`);
  throw unusable(`"${first}" is no command; \`strata --help\` tells which there are`);
};

/** Node's message goes on with advice about `--`; the first sentence says it, or the first line. */
const firstSentence = (message: string): string => message.split(/\n|\. (?=[A-Z])/)[0] ?? message;

const parsed = (command: Command, args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: { ...command.options, help: { type: 'boolean' } },
      allowPositionals: true,
    });
  } catch (error) {
    const reason = error instanceof Error ? firstSentence(error.message) : String(error);
    throw unusable(`${command.name}: ${reason}`);
  }
};

/** @throws CliFault when it is not a call of one of the commands. */
export const readCommandLine = (args: readonly string[], commands: readonly Command[]): Called => {
  const [first] = args;
  if (first === undefined) throw unusable('which command? `strata --help` tells which there are');
  if (first === '--help' || first === '-h' || first === 'help') return { help: 'all' };
  const command = commandIn(args, commands);
  const { values, positionals } = parsed(command, args.slice(wordsOf(command).length));
  if (values['help'] === true) return { help: command };
  const wanted = command.operands ?? [];
  if (positionals.length < wanted.length) throw unusable(`${command.name}: <${wanted[positionals.length]}> is missing`);
  if (positionals.length > wanted.length)
    throw unusable(`${command.name}: "${positionals[wanted.length]}" is too much`);
  return { command, options: values, operands: positionals };
};
