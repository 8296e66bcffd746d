/** Levenshtein, row by row. */
const distance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= other.length; column += 1) {
      const replaced = (row[column - 1] ?? 0) + (letter === other[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
};

/** The name that was probably meant, if one is near enough to guess. */
export const nearestName = (name: string, names: readonly string[]): string | undefined => {
  const [best] = names
    .map((candidate) => ({ candidate, steps: distance(name, candidate) }))
    .toSorted((one, other) => one.steps - other.steps);
  return best && best.steps <= 4 ? best.candidate : undefined;
};
