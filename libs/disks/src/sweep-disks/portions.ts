/** The same things in the same order, each time as many as that; the last time what is left. */
export async function* portionsOf<T>(pages: AsyncIterable<readonly T[]>, size: number): AsyncGenerator<readonly T[]> {
  let waiting: readonly T[] = [];
  for await (const page of pages) {
    waiting = [...waiting, ...page];
    for (; waiting.length >= size; waiting = waiting.slice(size)) yield waiting.slice(0, size);
  }
  if (waiting.length > 0) yield waiting;
}
