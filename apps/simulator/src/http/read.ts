import { isRefusal, refuse, type Refusal, type RefusalCode } from './refusal.js';

/** Readers of single members of EVS bodies: the value, or the refusal that the reference names for it. */

export type Members = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const member = (body: unknown, name: string): unknown =>
  isObject(body) && Object.hasOwn(body, name) ? body[name] : undefined;

/** The entry of a map of strings; never what every object inherits, whatever the key is called. */
export const entry = (map: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(map, key) ? map[key] : undefined;

/** The same map without some of its keys. */
export const without = (
  map: Readonly<Record<string, string>>,
  isGone: (key: string) => boolean,
): Record<string, string> => Object.fromEntries(Object.entries(map).filter(([key]) => !isGone(key)));

/** An integer within bounds; decimals lose what stands behind the point (EVS reference §0.1). */
export const truncated = (value: unknown, min: number, max: number, outside: RefusalCode): number | Refusal => {
  if (typeof value !== 'number') return refuse(value == null ? outside : 'EVS.1018');
  const integer = Math.trunc(value);
  return integer >= min && integer <= max ? integer : refuse(outside, `${integer} is not within ${min} and ${max}`);
};

const bytes = (text: string): number => Buffer.byteLength(text, 'utf8');

/** A text of at most so many characters; null where it is left out. */
export const optionalText = (value: unknown, maxCharacters: number, bad: RefusalCode): string | null | Refusal => {
  if (value == null) return null;
  if (typeof value !== 'string') return refuse('EVS.1018');
  return [...value].length <= maxCharacters ? value : refuse(bad, `at most ${maxCharacters} characters`);
};

export const fitsBytes = (text: string | null, max: number): boolean => text === null || bytes(text) <= max;

const MAX_METADATA_BYTES = 1_048_576;

/** A map of strings; `{}` where it is left out. */
export const stringMap = (value: unknown): Readonly<Record<string, string>> | Refusal => {
  if (value == null) return {};
  if (!isObject(value)) return refuse('EVS.1018');
  const entries: [string, string][] = [];
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') return refuse('EVS.1018', `the value of ${key} must be a string`);
    entries.push([key, text]);
  }
  const total = entries.reduce((sum, [key, text]) => sum + bytes(key) + bytes(text), 0);
  return total < MAX_METADATA_BYTES ? Object.fromEntries(entries) : refuse('EVS.1005');
};

/** Cinder's metadata: keys and values of at most 255 bytes, no empty key. */
export const cinderMetadata = (value: unknown): Readonly<Record<string, string>> | Refusal => {
  const map = stringMap(value);
  if (isRefusal(map)) return map;
  const bad = Object.entries(map).find(([key, text]) => key === '' || bytes(key) > 255 || bytes(text) > 255);
  return bad ? refuse('EVS.5400', 'metadata keys have 1 to 255 bytes, values at most 255') : map;
};

export const MAX_TAGS = 10;
const tagKey = /^[A-Za-z0-9_-]{1,36}$/;
const tagValue = /^[A-Za-z0-9_-]{0,43}$/;

export const isTag = (key: string, value: string): boolean => tagKey.test(key) && tagValue.test(value);

/** The tags of a disk: at most ten, in the characters that the API pages allow (EVS reference §1.4, §1.8). */
export const tagMap = (value: unknown): Readonly<Record<string, string>> | Refusal => {
  if (value == null) return {};
  if (!isObject(value)) return refuse('EVS.1018');
  const entries = Object.entries(value).map(([key, text]) => [key, text] as const);
  if (entries.length > MAX_TAGS) return refuse('EVS.1061');
  const bad = entries.find(([key, text]) => typeof text !== 'string' || !isTag(key, text));
  return bad ? refuse('EVS.1062', bad[0]) : (value as Readonly<Record<string, string>>);
};

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (text: string): boolean => uuid.test(text);
