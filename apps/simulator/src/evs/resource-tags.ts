import type { Cloud } from '../cloud.js';
import type { Call, Method, Route } from '../http/call.js';
import type { Answer } from '../http/envelope.js';
import { entry, isObject, isTag, MAX_TAGS, member, tagMap, without } from '../http/read.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import { changeDisk, findVolume } from '../world/disk-work.js';
import { changeSnapshot, findSnapshot } from '../world/snapshot-work.js';
import { snapshotDetail } from './snapshot-view.js';
import { readTagFilter } from './tag-filter.js';
import { volumeDetail } from './volume-view.js';

type Tags = Readonly<Record<string, string>>;

interface Tagged {
  readonly tags: Tags;
  readonly write: (tags: Tags) => void;
}

/** A resource as the search by tag shows it. */
interface Shown {
  readonly id: string;
  readonly name: string | null;
  readonly tags: Tags;
  readonly detail: object;
}

/** The kinds of resources that carry tags, and how each is found, written and shown. */
interface Kind {
  readonly path: string;
  readonly one: string;
  readonly operations: 'diskTags' | 'snapshotTags';
  readonly find: (cloud: Cloud, call: Call) => Tagged | Refusal;
  readonly all: (cloud: Cloud, call: Call) => readonly Shown[];
}

const disks: Kind = {
  path: '/v2/:projectId/os-vendor-tags/volumes',
  one: ':volumeId',
  operations: 'diskTags',
  find: (cloud, call) => {
    const volume = findVolume(cloud, call);
    if (isRefusal(volume)) return volume;
    return { tags: volume.tags, write: (tags) => void changeDisk(cloud, call, { ...volume, tags }) };
  },
  all: ({ world }, call) =>
    [...(world.projects.get(call.projectId)?.disks.newestFirst() ?? [])].map((volume) => ({
      ...volume,
      detail: volumeDetail(volume, call, world.seed, 'os-vendor-volumes'),
    })),
};

const snapshots: Kind = {
  path: '/v2/:projectId/os-vendor-tags/snapshots',
  one: ':snapshotId',
  operations: 'snapshotTags',
  find: (cloud, call) => {
    const snapshot = findSnapshot(cloud, call);
    if (isRefusal(snapshot)) return snapshot;
    return { tags: snapshot.tags, write: (tags) => void changeSnapshot(cloud, call, { ...snapshot, tags }) };
  },
  all: ({ world }, { projectId }) =>
    [...(world.projects.get(projectId)?.snapshots.newestFirst() ?? [])].map((snapshot) => ({
      ...snapshot,
      detail: snapshotDetail(snapshot),
    })),
};

/** The tags of one resource as a map (N22–N27; EVS reference §1.8). Deprecated calls, whose faults have a number for a code. */
export const resourceTagRoutes = (cloud: Cloud): readonly Route[] => [
  ...[disks, snapshots].flatMap((kind) => routesOf(cloud, kind)),
  {
    operation: 'snapshotTags.remove',
    method: 'DELETE',
    paths: [`${snapshots.path}/${snapshots.one}/:key`],
    surface: 'native',
    malformed: 'EVS.5400',
    writes: true,
    handle: (call) => {
      const tagged = snapshots.find(cloud, call);
      return isRefusal(tagged) ? tagged : removeOne(call, tagged);
    },
  },
];

type Name = 'list' | 'add' | 'replace' | 'get' | 'set' | 'removeMany';

const routesOf = (cloud: Cloud, { path, one, operations, find, all }: Kind): readonly Route[] => {
  const row = (
    method: Method,
    name: Name,
    below: string,
    handle: (call: Call, tagged: Tagged) => Answer | Refusal,
  ) => ({
    operation: `${operations}.${name}` as const,
    method,
    paths: [`${path}/${one}${below}`],
    ...(method === 'GET' ? reading : changing),
    handle: (call: Call) => {
      const tagged = find(cloud, call);
      return isRefusal(tagged) ? tagged : handle(call, tagged);
    },
  });
  return [
    {
      operation: `${operations}.search`,
      method: 'GET',
      paths: [`${path}/resource_instances`],
      ...reading,
      handle: (call) => search(call, all(cloud, call)),
    },
    row('GET', 'list', '', (_call, { tags }) => ({ status: 200, body: { tags } })),
    row('POST', 'add', '', (call, tagged) => change(call, tagged, (old, given) => ({ ...old, ...given }))),
    row('PUT', 'replace', '', (call, tagged) => change(call, tagged, (_old, given) => given)),
    { ...row('POST', 'removeMany', '/action', removeMany), actions: ['os-delete_tags'] },
    row('GET', 'get', '/:key', getOne),
    row('PUT', 'set', '/:key', setOne),
  ];
};

const reading = { surface: 'cinder' } as const;
const changing = { surface: 'cinder', malformed: 'EVS.5400', writes: true } as const;

/** Tag key → the values that it has somewhere. */
export const valuesByKey = (tagged: Iterable<{ readonly tags: Tags }>): Readonly<Record<string, readonly string[]>> => {
  const values = new Map<string, Set<string>>();
  for (const { tags } of tagged) {
    for (const [key, value] of Object.entries(tags)) values.set(key, (values.get(key) ?? new Set()).add(value));
  }
  return Object.fromEntries([...values].map(([key, each]) => [key, [...each]]));
};

const change = (
  { body }: Call,
  { tags: old, write }: Tagged,
  combine: (old: Tags, given: Tags) => Tags,
): Answer | Refusal => {
  const wanted = member(body, 'tags');
  if (!isObject(wanted)) return refuse('EVS.1062', 'tags are missing');
  const given = tagMap(wanted);
  if (isRefusal(given)) return given;
  const tags = combine(old, given);
  if (Object.keys(tags).length > MAX_TAGS) return refuse('EVS.1061');
  write(tags);
  return { status: 200, body: { tags } };
};

const removeMany = ({ body }: Call, { tags, write }: Tagged): Answer | Refusal => {
  const gone = member(body, 'os-delete_tags');
  if (!isObject(gone)) return refuse('EVS.1062', 'os-delete_tags is missing');
  write(without(tags, (key) => Object.hasOwn(gone, key)));
  return { status: 200 };
};

const getOne = ({ params }: Call, { tags }: Tagged): Answer | Refusal => {
  const key = params['key'] ?? '';
  const value = entry(tags, key);
  return value === undefined ? refuse('EVS.5404', 'no such tag') : { status: 200, body: { tag: { [key]: value } } };
};

const setOne = ({ params, body }: Call, { tags, write }: Tagged): Answer | Refusal => {
  const key = params['key'] ?? '';
  const wanted = member(body, 'tag');
  const value = isObject(wanted) ? wanted[key] : undefined;
  if (typeof value !== 'string' || !isTag(key, value)) return refuse('EVS.1062', 'body and path name different keys');
  if (entry(tags, key) === undefined) return refuse('EVS.5404', 'no such tag');
  write({ ...tags, [key]: value });
  return { status: 200, body: { tag: { [key]: value } } };
};

const removeOne = ({ params }: Call, { tags, write }: Tagged): Answer | Refusal => {
  const key = params['key'] ?? '';
  if (entry(tags, key) === undefined) return refuse('EVS.5404', 'no such tag');
  write(without(tags, (each) => each === key));
  return { status: 200 };
};

const search = ({ query }: Call, all: readonly Shown[]): Answer | Refusal => {
  const accepts = readTagFilter(query);
  if (isRefusal(accepts)) return accepts;
  const resources = all
    .filter(({ tags }) => accepts(tags))
    .map(({ id, name, tags, detail }) => ({ resource_id: id, resource_name: name, resource_detail: detail, tags }));
  return { status: 200, body: { total_count: resources.length, resources } };
};
