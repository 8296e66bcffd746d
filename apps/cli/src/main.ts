#!/usr/bin/env node
import { exitCode, type ExitCode } from './call/exit-code.js';
import { isUnread, lineOf } from './call/fault.js';
import { run } from './run.js';

const interrupt = new AbortController();
let ended: ExitCode | undefined;

/** The first signal lets the command end cleanly; the second one ends the process at once. */
const endOn = (signal: 'SIGINT' | 'SIGTERM', code: ExitCode): void => {
  process.once(signal, () => {
    ended = code;
    process.stderr.write('strata: interrupted\n');
    interrupt.abort();
  });
};
endOn('SIGINT', exitCode.interrupted);
endOn('SIGTERM', exitCode.terminated);

const { stdout: out, stderr: err } = process;
let unwritten: unknown;
out.on('error', (error) => (unwritten ??= error));
err.on('error', () => undefined); // there is nowhere left to tell it

const code = await run({
  args: process.argv.slice(2),
  env: process.env,
  terminal: { out, err },
  signal: interrupt.signal,
});
// A result that was not written is no result.
await new Promise<void>((resolve) => out.write('', () => resolve()));
const codeOfOutput = (): ExitCode => {
  if (unwritten === undefined || code !== exitCode.ok) return code;
  if (isUnread(unwritten)) return exitCode.unread;
  err.write(`strata: the output was not written: ${lineOf(unwritten)}\n`);
  return exitCode.failed;
};
process.exitCode = ended !== undefined && code === exitCode.interrupted ? ended : codeOfOutput();
// What a command has left waiting that was interrupted or has failed must not hold up the end.
if (ended !== undefined || code !== exitCode.ok) process.exit();
