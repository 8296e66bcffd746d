import type { ProblemKind } from './problem-kinds.js';

type Facts = Readonly<Record<string, unknown>>;

/** So many are named, and of single words as many as a line has room for; the rest is counted. */
const mostNamed = 5;
const lineCharacters = 160;

const isFacts = (value: unknown): value is Facts =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const namedOne = (value: unknown): string => {
  if (!isFacts(value)) return String(value);
  const { kind, id, pointer, detail } = value;
  return pointer === undefined
    ? `${String(kind)} ${String(id)}`
    : `${String(pointer) || 'the body'}: ${String(detail)}`;
};

const named = (values: readonly unknown[]): string => {
  if (values.length === 0) return 'none';
  let shown = values.slice(0, mostNamed).map(namedOne).join(', ');
  for (let next = mostNamed; next < values.length; next += 1) {
    const value = values[next];
    const longer = `${shown}, ${namedOne(value)}`;
    if (typeof value !== 'string' || longer.length > lineCharacters) return `${shown} and ${values.length - next} more`;
    shown = longer;
  }
  return shown;
};

const worded = (facts: Facts, path: string): string | undefined => {
  const value = path.split('.').reduce<unknown>((found, member) => (isFacts(found) ? found[member] : undefined), facts);
  if (value === undefined || value === null) return undefined;
  return Array.isArray(value) ? named(value) : String(value);
};

/** Undefined when it names a member that this occurrence does not have. */
const filled = (template: string, facts: Facts): string | undefined => {
  let isWhole = true;
  const text = template.replace(/\{([\w.]+)\}/g, (_place, path: string) => {
    const value = worded(facts, path);
    isWhole &&= value !== undefined;
    return value ?? '';
  });
  return isWhole ? text : undefined;
};

/** The sentence about one occurrence: its own, else that of its kind with its members in it, else the title. */
export const detailOf = (kind: Pick<ProblemKind, 'title' | 'detail'>, facts: Facts): string => {
  if (typeof facts['detail'] === 'string') return facts['detail'];
  for (const template of [kind.detail ?? []].flat()) {
    const text = filled(template, facts);
    if (text !== undefined) return text;
  }
  return kind.title;
};
