import type { Writable } from 'node:stream';

/** Where a command writes: results to `out`, what goes wrong and how it goes on to `err`. */
export interface Terminal {
  readonly out: Writable;
  readonly err: Writable;
}

export const say = (stream: Writable, line: string): void => {
  stream.write(`${line}\n`);
};

export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
