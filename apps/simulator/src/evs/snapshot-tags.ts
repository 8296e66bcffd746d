import type { Cloud } from '../cloud.js';
import type { Call, Route } from '../http/call.js';
import type { Answer } from '../http/envelope.js';
import { entry, isObject, MAX_TAGS, member, tagMap, without } from '../http/read.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import type { Snapshot } from '../world/snapshot.js';
import { changeSnapshot, findSnapshot } from '../world/snapshot-work.js';

const whole = '/v2/:projectId/os-vendor-tags/snapshots/:snapshotId';

type Tags = Snapshot['tags'];

/** The tags of snapshots (N21–N24; EVS reference §1.8): a map, where those of disks are a list. */
export const snapshotTagRoutes = (cloud: Cloud): readonly Route[] => [
  {
    operation: 'snapshotTags.list',
    method: 'GET',
    paths: [whole],
    surface: 'native',
    handle: (call) => {
      const snapshot = findSnapshot(cloud, call);
      return isRefusal(snapshot) ? snapshot : { status: 200, body: { tags: snapshot.tags } };
    },
  },
  {
    operation: 'snapshotTags.add',
    method: 'POST',
    paths: [whole],
    ...changing,
    handle: (call) => change(cloud, call, (old, given) => ({ ...old, ...given })),
  },
  {
    operation: 'snapshotTags.replace',
    method: 'PUT',
    paths: [whole],
    ...changing,
    handle: (call) => change(cloud, call, (_old, given) => given),
  },
  {
    operation: 'snapshotTags.remove',
    method: 'DELETE',
    paths: [`${whole}/:key`],
    ...changing,
    handle: (call) => remove(cloud, call),
  },
];

const changing = { surface: 'native', malformed: 'EVS.5400', writes: true } as const;

/** Tag key → the values that it has somewhere. */
export const valuesByKey = (snapshots: Iterable<Snapshot>): Readonly<Record<string, readonly string[]>> => {
  const values = new Map<string, Set<string>>();
  for (const { tags } of snapshots) {
    for (const [key, value] of Object.entries(tags)) values.set(key, (values.get(key) ?? new Set()).add(value));
  }
  return Object.fromEntries([...values].map(([key, each]) => [key, [...each]]));
};

const change = (cloud: Cloud, call: Call, combine: (old: Tags, given: Tags) => Tags): Answer | Refusal => {
  const snapshot = findSnapshot(cloud, call);
  if (isRefusal(snapshot)) return snapshot;
  const wanted = member(call.body, 'tags');
  if (!isObject(wanted)) return refuse('EVS.1062', 'tags are missing');
  const given = tagMap(wanted);
  if (isRefusal(given)) return given;
  const tags = combine(snapshot.tags, given);
  if (Object.keys(tags).length > MAX_TAGS) return refuse('EVS.1061');
  changeSnapshot(cloud, call, { ...snapshot, tags });
  return { status: 200, body: { tags } };
};

const remove = (cloud: Cloud, call: Call): Answer | Refusal => {
  const snapshot = findSnapshot(cloud, call);
  if (isRefusal(snapshot)) return snapshot;
  const key = call.params['key'] ?? '';
  if (entry(snapshot.tags, key) === undefined) return refuse('EVS.5404', 'no such tag');
  changeSnapshot(cloud, call, { ...snapshot, tags: without(snapshot.tags, (each) => each === key) });
  return { status: 200 };
};
