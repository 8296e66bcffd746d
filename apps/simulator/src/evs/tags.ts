import type { Cloud } from '../cloud.js';
import type { Call, Route } from '../http/call.js';
import type { Answer } from '../http/envelope.js';
import { entry, isTag, MAX_TAGS, member, without } from '../http/read.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import { changeDisk, findVolume } from '../world/disk-work.js';
import { valuesByKey } from './resource-tags.js';
import { searchByTags } from './tag-search.js';

/** The tags of disks (N17–N21; EVS reference §1.8). */
export const tagRoutes = (cloud: Cloud): readonly Route[] => [
  {
    operation: 'tags.change',
    method: 'POST',
    paths: [
      '/v2/:projectId/os-vendor-volumes/:volumeId/tags/action',
      '/v2/:projectId/cloudvolumes/:volumeId/tags/action',
    ],
    surface: 'native',
    malformed: 'EVS.5400',
    writes: true,
    handle: (call) => changeTags(cloud, call),
  },
  {
    operation: 'tags.ofDisk',
    method: 'GET',
    paths: ['/v2/:projectId/os-vendor-volumes/:volumeId/tags', '/v2/:projectId/cloudvolumes/:volumeId/tags'],
    surface: 'native',
    handle: (call) => {
      const volume = findVolume(cloud, call);
      if (isRefusal(volume)) return volume;
      return { status: 200, body: { tags: Object.entries(volume.tags).map(([key, value]) => ({ key, value })) } };
    },
  },
  {
    operation: 'tags.search',
    method: 'POST',
    paths: [
      '/v2/:projectId/os-vendor-volumes/resource_instances/action',
      '/v2/:projectId/cloudvolumes/resource_instances/action',
    ],
    surface: 'native',
    malformed: 'EVS.5400',
    handle: (call) => searchByTags(cloud, call),
  },
  {
    operation: 'tags.ofProject',
    method: 'GET',
    paths: ['/v2/:projectId/os-vendor-tags/:resourceType', '/v2/:projectId/cloudvolumes/tags'],
    surface: 'native',
    handle: (call) => tagsOfProject(cloud, call),
  },
  {
    operation: 'tags.remove',
    method: 'DELETE',
    paths: ['/v2/:projectId/os-vendor-tags/volumes/:volumeId/:key'],
    surface: 'native',
    writes: true,
    handle: (call) => removeTag(cloud, call),
  },
];

const readTagList = (value: unknown): Readonly<Record<string, string>> | Refusal => {
  if (!Array.isArray(value)) return refuse('EVS.1062', 'tags are missing');
  const entries: [string, string][] = [];
  for (const tag of value as readonly unknown[]) {
    const key = member(tag, 'key');
    const text = member(tag, 'value') ?? '';
    if (typeof key !== 'string' || typeof text !== 'string' || !isTag(key, text)) return refuse('EVS.1062');
    entries.push([key, text]);
  }
  return Object.fromEntries(entries);
};

const changeTags = (cloud: Cloud, call: Call): Answer | Refusal => {
  const volume = findVolume(cloud, call);
  if (isRefusal(volume)) return volume;
  const action = member(call.body, 'action');
  if (action !== 'create' && action !== 'delete') return refuse('EVS.5400', 'action must be create or delete');
  const given = readTagList(member(call.body, 'tags'));
  if (isRefusal(given)) return given;
  const tags =
    action === 'create' ? { ...volume.tags, ...given } : without(volume.tags, (key) => Object.hasOwn(given, key));
  if (Object.keys(tags).length > MAX_TAGS) return refuse('EVS.1061');
  changeDisk(cloud, call, { ...volume, tags });
  return { status: 204 };
};

/** Backups have no tags as long as there are none of them. */
const tagsOfProject = ({ world }: Cloud, { params, projectId }: Call): Answer | Refusal => {
  const type = params['resourceType'] ?? 'volumes';
  if (!['volumes', 'snapshots', 'backups'].includes(type)) return refuse('EVS.5400', `no resource type ${type}`);
  const project = world.projects.get(projectId);
  if (type === 'snapshots') return { status: 200, body: { tags: valuesByKey(project?.snapshots.newestFirst() ?? []) } };
  const byTag = type === 'volumes' ? project?.byTag : undefined;
  const tags = Object.fromEntries(byTag?.keys().map((key) => [key, byTag.valuesOf(key)]) ?? []);
  return { status: 200, body: { tags } };
};

const removeTag = (cloud: Cloud, call: Call): Answer | Refusal => {
  const volume = findVolume(cloud, call);
  if (isRefusal(volume)) return volume;
  const key = call.params['key'] ?? '';
  if (entry(volume.tags, key) === undefined) return refuse('EVS.5404', 'no such tag');
  changeDisk(cloud, call, { ...volume, tags: without(volume.tags, (each) => each === key) });
  return { status: 200 };
};
