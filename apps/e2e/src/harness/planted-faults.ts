export interface PlantedFault {
  /** JSON pointer of the member that is wrong (RFC 6901). */
  readonly pointer: string;
  readonly what: string;
  readonly body: unknown;
}

type Json = Readonly<Record<string, unknown>> | readonly unknown[];

/** Wrong for any member that is meant to be of the type of this value. */
const wrongFor = (value: unknown): readonly unknown[] => {
  const texts = ['\u0000', 'a\u0000b', 'lone \ud800 surrogate', 'x'.repeat(70_000)];
  switch (typeof value) {
    case 'string':
      return [5, -1, 1.5, true, false, [], {}, ['x'], { x: 'x' }, ...texts];
    case 'number':
      return ['x', '10', '', true, [], [10], {}, -1, 1.5, -(2 ** 31), 2 ** 53, 1e308, ...texts];
    case 'boolean':
      return ['true', 1, 0, [], {}, ...texts];
    default:
      return Array.isArray(value) ? ['x', 1, true, {}, ...texts] : ['x', 1, true, [], [{}], ...texts];
  }
};

const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The same body with another value at one place; undefined takes the member away. */
const replaced = (body: Json, [name, ...rest]: readonly string[], value: unknown): Json => {
  if (name === undefined) return body;
  const put = (before: unknown) => (rest.length === 0 ? value : replaced(before as Json, rest, value));
  if (Array.isArray(body)) return body.map((item: unknown, i) => (String(i) === name ? put(item) : item));
  const object = body as Readonly<Record<string, unknown>>;
  return { ...object, [name]: put(object[name]) };
};

const placesIn = (value: unknown, place: readonly string[] = []): readonly (readonly string[])[] => {
  if (typeof value !== 'object' || value === null) return [place];
  const below = Object.entries(value).flatMap(([name, member]) => placesIn(member, [...place, name]));
  return place.length === 0 ? below : [place, ...below];
};

const at = (body: Json, place: readonly string[]): unknown =>
  place.reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], body);

/** Objects with free names, in which a member that nobody knows is none. */
const free = new Set(['tags', 'metadata']);

/** Everything that can be wrong with one member of a body that is good otherwise, with where it is wrong. */
export const plantedFaults = (good: Readonly<Record<string, unknown>>): readonly PlantedFault[] => {
  const places = placesIn(good);
  const wrong = places.flatMap((place) =>
    wrongFor(at(good, place)).map((value) => ({
      pointer: `/${place.map(escaped).join('/')}`,
      what: `${JSON.stringify(value).slice(0, 40)} instead of ${JSON.stringify(at(good, place)).slice(0, 40)}`,
      body: replaced(good, place, value),
    })),
  );
  const objects = [[], ...places].filter(
    (place: readonly string[]) => isObject(at(good, place)) && !place.some((name) => free.has(name)),
  );
  const unknown = objects.flatMap((place: readonly string[]) =>
    ['unknown', 'id', 'constructor', 'Name', 'strata~/x'].map((name) => ({
      pointer: `/${[...place, name].map(escaped).join('/')}`,
      what: `a member ${name} that nobody knows`,
      body: replaced(good, [...place, name], 'x'),
    })),
  );
  return [...wrong, ...unknown];
};
