#!/usr/bin/env node
import { exitCode, type ExitCode } from './exit-code.js';
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
// Who writes awaits his own write; what is said last must not end the process when nobody reads it.
out.on('error', () => undefined);
err.on('error', () => undefined);

const code = await run({
  args: process.argv.slice(2),
  env: process.env,
  terminal: { out, err },
  signal: interrupt.signal,
});
process.exitCode = ended !== undefined && code === exitCode.interrupted ? ended : code;
