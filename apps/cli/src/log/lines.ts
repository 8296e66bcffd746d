import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { CliFault, lineOf } from '../call/fault.js';

/** The file can be opened, or a fault that names it: a stream would tell late, and without its name. */
const mustOpen = async (path: string): Promise<void> => {
  try {
    await (await open(path, 'r')).close();
  } catch (error) {
    throw new CliFault(`${path}: ${lineOf(error)}`, undefined, { cause: error });
  }
};

/** Far more than an event can have. */
const longestLine = 1 << 25;

/**
 * Lines of a file, by line feeds only: `node:readline` ends a line at U+2028 and U+2029 too, which JSON lets stand in a
 * string.
 */
export async function* linesOf(path: string): AsyncGenerator<string> {
  await mustOpen(path);
  let rest = '';
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const lines = `${rest}${String(chunk)}`.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) throw new CliFault(`${path} has a line of more than ${longestLine} characters`);
    yield* lines;
  }
  if (rest !== '') yield rest;
}
