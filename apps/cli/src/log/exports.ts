import { CliFault } from '../call/fault.js';
import { linesOf } from './lines.js';

const parsed = (line: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
};

/**
 * Several exports as one: each begins behind the end of the one before (`log export --after`). What lies between two of them
 * is left out: the end of the first, and the beginning of the next, which must be of the same log.
 */
export async function* continued(paths: readonly string[]): AsyncGenerator<string> {
  let incarnation: unknown;
  for (const [index, path] of paths.entries()) {
    const isLast = index === paths.length - 1;
    let lineNumber = 0;
    for await (const line of linesOf(path)) {
      lineNumber += 1;
      if (lineNumber > 1) {
        // Events are not parsed twice: only the last line begins like this.
        if (isLast || !line.startsWith('{"end":')) yield line;
        continue;
      }
      const { incarnation: own } = parsed(line);
      if (index === 0) yield line;
      else if (own !== incarnation) throw new CliFault(`${path} is not of the same log as ${paths[0]}`);
      incarnation = own;
    }
  }
}
