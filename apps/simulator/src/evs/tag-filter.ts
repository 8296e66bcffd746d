import type { Call } from '../http/call.js';
import { entry, isObject } from '../http/read.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';

type Tags = Readonly<Record<string, string>>;
type Accepts = (tags: Tags) => boolean;

/** Key → values of which one must be there. */
type Wanted = readonly (readonly [key: string, values: readonly string[]])[];

const has = (tags: Tags, [key, values]: Wanted[number]): boolean => {
  const value = entry(tags, key);
  return value !== undefined && (values.length === 0 || values.includes(value));
};

const meanings: Readonly<Record<string, (tags: Tags, wanted: Wanted) => boolean>> = {
  tags: (tags, wanted) => wanted.every((each) => has(tags, each)),
  tags_any: (tags, wanted) => wanted.some((each) => has(tags, each)),
  not_tags: (tags, wanted) => !wanted.every((each) => has(tags, each)),
  not_tags_any: (tags, wanted) => !wanted.some((each) => has(tags, each)),
};

/** The filters of the old search by tag (N27), in the form `{'a':['b','c']}`; resources must pass each that is given. */
export const readTagFilter = (query: Call['query']): Accepts | Refusal => {
  const filters: Accepts[] = [];
  for (const [name, meaning] of Object.entries(meanings)) {
    const text = query[name];
    if (text === undefined) continue;
    const wanted = read(text);
    if (isRefusal(wanted)) return wanted;
    filters.push((tags) => meaning(tags, wanted));
  }
  return (tags) => filters.every((accepts) => accepts(tags));
};

/** Neither keys nor values can hold a quotation mark. */
const read = (text: string): Wanted | Refusal => {
  const map = parsed(text.replaceAll("'", '"'));
  if (!isObject(map)) return refuse('EVS.1062', "the form is {'key':['value']}");
  const wanted = Object.entries(map).map(([key, values]) => [key, values] as const);
  return wanted.every(isWanted) ? wanted : refuse('EVS.1062', 'values must be a list of texts');
};

const isWanted = (each: readonly [string, unknown]): each is Wanted[number] =>
  Array.isArray(each[1]) && each[1].every((value) => typeof value === 'string');

const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};
