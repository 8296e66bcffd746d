import type { Cloud } from '../cloud.js';
import type { Call } from '../http/call.js';
import { isUuid, stringMap } from '../http/read.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import { VOLUME_STATUSES, type Volume } from '../world/volume.js';
import type { DiskQuery, SortKey } from './disk-query.js';

const MAX_LIMIT = 1_000;
const MAX_IDS = 60;
const sortKeys: readonly SortKey[] = ['id', 'status', 'size', 'created_at'];

const wholeNumber = /^\d{1,10}$/;

type Query = Call['query'];
type Condition = (volume: Volume) => boolean;

/** The query members of a list of disks (EVS reference §1.5): what they ask for, or which of them is wrong. */
export const readDiskQuery = (cloud: Cloud, call: Call): DiskQuery | Refusal => {
  const page = readPage(call.query);
  if (isRefusal(page)) return page;
  const ids = readIds(call.query);
  if (isRefusal(ids)) return ids;
  const metadata = readMetadata(cloud, call);
  if (isRefusal(metadata)) return metadata;
  const exact = readConditions(cloud, call.query);
  if (isRefusal(exact)) return exact;
  const conditions = [...exact, ...readLikes(call)];
  const { name } = call.query;
  return {
    ...page,
    ...(ids === null ? {} : { ids }),
    ...(metadata === null ? {} : { metadata }),
    ...(name === undefined ? {} : { name }),
    ...(conditions.length === 0 ? {} : { accepts: (volume: Volume) => conditions.every((accepts) => accepts(volume)) }),
  };
};

const readPage = (query: Query): Pick<DiskQuery, 'sortKey' | 'sortDir' | 'offset' | 'limit' | 'marker'> | Refusal => {
  const { limit = String(MAX_LIMIT), offset = '0', marker, sort_key = 'created_at', sort_dir = 'desc' } = query;
  if (!wholeNumber.test(limit) || Number(limit) < 1 || Number(limit) > MAX_LIMIT) return refuse('EVS.1023');
  if (!wholeNumber.test(offset)) return refuse('EVS.5400', 'offset');
  if (marker !== undefined && !isUuid(marker)) return refuse('EVS.1024');
  const sortKey = sortKeys.find((key) => key === sort_key);
  if (!sortKey) return refuse('EVS.1039', sort_key);
  if (sort_dir !== 'asc' && sort_dir !== 'desc') return refuse('EVS.1040');
  const page = { sortKey, sortDir: sort_dir, offset: Number(offset), limit: Number(limit) } as const;
  return marker === undefined ? page : { ...page, marker };
};

/** `ids=['a','b']` in just that form, and it wins over `id`; ids that do not exist are no mistake. */
const readIds = ({ ids, id }: Query): ReadonlySet<string> | null | Refusal => {
  if (ids !== undefined) {
    if (!/^\[\s*('[^']*'\s*(,\s*'[^']*'\s*)*)?\]$/.test(ids)) return refuse('EVS.1032', "the form is ['id1','id2']");
    const list = [...ids.matchAll(/'([^']*)'/g)].flatMap(([, each]) => each ?? []);
    return list.length <= MAX_IDS ? new Set(list) : refuse('EVS.1032', `at most ${MAX_IDS} ids`);
  }
  if (id === undefined) return null;
  return isUuid(id) ? new Set([id]) : refuse('EVS.1032', id);
};

const readMetadata = ({ faults }: Cloud, call: Call): Volume['metadata'] | null | Refusal => {
  const { operation, projectId, query } = call;
  if (query['metadata'] === undefined) return null;
  const map = decoded(query['metadata']);
  if (isRefusal(map)) return map;
  return faults.fire(['metadata-filter-ignored'], { operation, projectId, diskName: null }) ? null : map;
};

const decoded = (json: string): Readonly<Record<string, string>> | Refusal => {
  try {
    const map = stringMap(JSON.parse(json));
    return isRefusal(map) ? refuse('EVS.1025') : map;
  } catch {
    return refuse('EVS.1025');
  }
};

const none: Condition = () => false;

const readConditions = (cloud: Cloud, query: Query): readonly Condition[] | Refusal => {
  const conditions: Condition[] = [];
  const { status, availability_zone: zone, multiattach, volume_type_id: typeId, server_id: serverId } = query;
  if (status !== undefined) {
    if (!VOLUME_STATUSES.some((known) => known === status)) return refuse('EVS.1031', status);
    conditions.push((volume) => volume.status === status);
  }
  if (zone !== undefined) {
    if (!cloud.world.zones.has(zone)) return refuse('EVS.1041', zone);
    conditions.push((volume) => volume.zone === zone);
  }
  if (multiattach !== undefined) {
    if (!/^(true|false)$/i.test(multiattach)) return refuse('EVS.1018', 'multiattach');
    conditions.push((volume) => String(volume.multiattach) === multiattach.toLowerCase());
  }
  if (typeId !== undefined) {
    const type = cloud.world.types.find(({ id }) => id === typeId);
    conditions.push((volume) => volume.volumeType === type?.name);
  }
  if (serverId !== undefined)
    conditions.push(({ attachments }) => attachments.some((each) => each.serverId === serverId));
  return [...conditions, ...unusedKinds(query)];
};

/** Of a part of the text, since 3.31 (EVS reference §9). */
const readLikes = ({ microversion, query }: Call): readonly Condition[] => {
  if ((microversion ?? 0) < 31) return [];
  const { 'name~': name, 'status~': status } = query;
  return [
    ...(name === undefined ? [] : [(volume: Volume) => volume.name?.includes(name) ?? false]),
    ...(status === undefined ? [] : [(volume: Volume) => volume.status.includes(status)]),
  ];
};

/** Filters on what no disk here has: another service, dedicated storage, another enterprise project. */
const unusedKinds = (query: Query): readonly Condition[] => {
  const enterprise = query['enterprise_project_id'] ?? '0';
  const foreign =
    (query['service_type'] ?? 'EVS') !== 'EVS' ||
    query['dedicated_storage_id'] !== undefined ||
    query['dedicated_storage_name'] !== undefined ||
    !['0', 'all_granted_eps'].includes(enterprise);
  return foreign ? [none] : [];
};
