import { Writable } from 'node:stream';
import type { Environment } from '@strata/config';
import type { ExitCode } from './call/exit-code.js';
import { run } from './run.js';

class Captured extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString('utf8');
    done();
  }

  get lines(): readonly string[] {
    return this.text.split('\n').filter((line) => line !== '');
  }
}

export interface CapturedCall {
  readonly code: ExitCode;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

/** For specs: one call as from a shell, its output by lines. */
export const callCli = async (
  commandLine: string,
  env: Environment = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<CapturedCall> => {
  const [out, err] = [new Captured(), new Captured()];
  const args = commandLine.split(' ').filter((word) => word !== '');
  const code = await run({ args, env, terminal: { out, err }, signal });
  return { code, out: out.lines, err: err.lines };
};
