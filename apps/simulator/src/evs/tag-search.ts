import type { Cloud } from '../cloud.js';
import type { Call } from '../http/call.js';
import type { Answer } from '../http/envelope.js';
import { entry, isObject, member } from '../http/read.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import type { CloudProject } from '../world/cloud-project.js';
import type { Sight, Slot } from '../world/slot.js';
import type { Volume } from '../world/volume.js';
import { newestFirst, sightOf } from './disk-query.js';
import { volumeDetail } from './volume-view.js';

const MAX_KEYS = 10;
const MAX_VALUES = 10;
const MAX_LIMIT = 1_000;

interface Wanted {
  readonly key: string;
  /** Empty: any. */
  readonly values: readonly string[];
}

interface Search {
  readonly action: 'filter' | 'count';
  readonly tags: readonly Wanted[];
  readonly names: readonly string[];
  readonly services: readonly string[];
  readonly offset: number;
  readonly limit: number;
}

/** Disks by tag, or how many there are (N19; EVS reference §1.8). */
export const searchByTags = (cloud: Cloud, call: Call): Answer | Refusal => {
  const search = readSearch(call.body);
  if (isRefusal(search)) return search;
  const project = cloud.world.projects.get(call.projectId);
  if (!project) return refuse('EVS.0001');
  const off = cloud.faults.fire(['tag-search-off'], {
    operation: call.operation,
    projectId: call.projectId,
    diskName: null,
  });
  if (off && off.answer !== 'empty') return refuse('APIG.0101');
  const found = off ? [] : find(project, search, sightOf(cloud, call));
  if (search.action === 'count') return { status: 200, body: { total_count: found.length } };
  const page = found.slice(search.offset, search.offset + search.limit);
  return {
    status: 200,
    body: { total_count: found.length, resources: page.map((volume) => resource(cloud, call, volume)) },
  };
};

const resource = ({ world }: Cloud, call: Call, volume: Volume) => ({
  resource_id: volume.id,
  resource_name: volume.name ?? '',
  resource_detail: volumeDetail(volume, call, world.seed, 'os-vendor-volumes'),
  tags: Object.entries(volume.tags).map(([key, value]) => ({ key, value })),
});

const find = (project: CloudProject, search: Search, sight: Sight | null): readonly Volume[] => {
  const [first] = search.tags;
  const all =
    sight !== null || !first ? [...project.disks.newestFirst(Infinity, sight)] : newestFirst(slotsWith(project, first));
  return all.filter((volume) => satisfies(volume, search));
};

/** No values: any. */
const slotsWith = ({ byTag }: CloudProject, { key, values }: Wanted): Iterable<Slot<Volume>> =>
  (values.length === 0 ? byTag.valuesOf(key) : values).flatMap((value) => [...(byTag.get(key, value) ?? [])]);

const satisfies = (volume: Volume, { tags, names, services }: Search): boolean =>
  tags.every(({ key, values }) => {
    const value = entry(volume.tags, key);
    return value !== undefined && (values.length === 0 || values.includes(value));
  }) &&
  names.every((name) => volume.name === name) &&
  services.every((service) => service === 'EVS');

const readSearch = (body: unknown): Search | Refusal => {
  const action = member(body, 'action');
  if (action !== 'filter' && action !== 'count') return refuse('EVS.5400', 'action must be filter or count');
  const tags = readTags(member(body, 'tags'));
  if (isRefusal(tags)) return tags;
  const matches = readMatches(member(body, 'matches'));
  if (isRefusal(matches)) return matches;
  const limit = wholeNumber(member(body, 'limit') ?? MAX_LIMIT);
  if (limit === null || limit < 1 || limit > MAX_LIMIT) return refuse('EVS.1023');
  const offset = wholeNumber(member(body, 'offset') ?? 0);
  if (offset === null) return refuse('EVS.5400', 'offset');
  return { action, tags, ...matches, limit, offset };
};

/** Integers in the table of the reference, strings in its example: both count. */
const wholeNumber = (value: unknown): number | null => {
  const text = typeof value === 'number' ? String(Math.trunc(value)) : value;
  return typeof text === 'string' && /^\d{1,10}$/.test(text) ? Number(text) : null;
};

const readTags = (value: unknown): readonly Wanted[] | Refusal => {
  if (value == null) return [];
  if (!Array.isArray(value) || value.length > MAX_KEYS) return refuse('EVS.1062', `at most ${MAX_KEYS} keys`);
  const wanted: Wanted[] = [];
  for (const tag of value as readonly unknown[]) {
    const key = member(tag, 'key');
    const values = member(tag, 'values') ?? [];
    if (typeof key !== 'string' || !isTexts(values)) return refuse('EVS.1062');
    if (values.length > MAX_VALUES || new Set(values).size < values.length)
      return refuse('EVS.1062', `at most ${MAX_VALUES} values, each once`);
    wanted.push({ key, values });
  }
  return wanted;
};

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

const readMatches = (value: unknown): Pick<Search, 'names' | 'services'> | Refusal => {
  if (value == null) return { names: [], services: [] };
  if (!Array.isArray(value)) return refuse('EVS.1018', 'matches');
  const matches = value as readonly unknown[];
  const texts = (key: string) =>
    matches.flatMap((match) =>
      isObject(match) && match['key'] === key && typeof match['value'] === 'string' ? match['value'] : [],
    );
  return { names: texts('resource_name'), services: texts('service_type') };
};
