import type { Cloud } from '../cloud.js';
import type { Call } from '../http/call.js';
import { isUuid } from '../http/read.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import type { CloudProject } from '../world/cloud-project.js';
import type { Sight } from '../world/slot.js';
import { SNAPSHOT_STATUSES, type Snapshot } from '../world/snapshot.js';
import { sightOf } from './disk-query.js';

const MAX_LIMIT = 1_000;
const wholeNumber = /^\d{1,10}$/;

export interface SnapshotPage {
  /** How many match, on all pages. */
  readonly total: number;
  readonly snapshots: readonly Snapshot[];
  /** The way to the next page, empty at the end; absent where no `limit` was asked for (EVS reference §1.7). */
  readonly links?: readonly { readonly rel: string; readonly href: string }[];
}

/** One page of the caller's snapshots, newest first, current or lagging as the fault switches say. */
export const listSnapshots = (cloud: Cloud, call: Call): SnapshotPage | Refusal => {
  const bounds = readBounds(call.query);
  if (isRefusal(bounds)) return bounds;
  const conditions = readConditions(cloud, call.query);
  if (isRefusal(conditions)) return conditions;
  const project = cloud.world.projects.get(call.projectId);
  if (!project) return refuse('EVS.0001');
  const all = candidates(project, call.query['volume_id'], sightOf(cloud, call));
  const matches = [...all].filter((snapshot) => conditions.every((accepts) => accepts(snapshot)));
  const start = firstAfter(matches, bounds.marker);
  if (start < 0) return refuse('EVS.5404', 'no snapshot has the id of the marker');
  const from = start + bounds.offset;
  const snapshots = matches.slice(from, from + bounds.limit);
  const last = matches.length > from + bounds.limit ? snapshots.at(-1) : undefined;
  const page = { total: matches.length, snapshots };
  return call.query['limit'] === undefined ? page : { ...page, links: last ? [linkAfter(call, last)] : [] };
};

const readBounds = (query: Call['query']) => {
  const { limit = String(MAX_LIMIT), offset = '0', marker } = query;
  if (!wholeNumber.test(limit) || Number(limit) < 1 || Number(limit) > MAX_LIMIT) return refuse('EVS.1023');
  if (!wholeNumber.test(offset)) return refuse('EVS.5400', 'offset');
  if (marker !== undefined && !isUuid(marker)) return refuse('EVS.1024');
  return { limit: Number(limit), offset: Number(offset), marker };
};

const readConditions = (
  { world }: Cloud,
  { name, status, volume_id: volumeId, availability_zone: zone }: Call['query'],
): readonly ((snapshot: Snapshot) => boolean)[] | Refusal => {
  const conditions: ((snapshot: Snapshot) => boolean)[] = [];
  if (name !== undefined) conditions.push((snapshot) => snapshot.name === name);
  if (status !== undefined) {
    if (!SNAPSHOT_STATUSES.some((known) => known === status)) return refuse('EVS.1031', status);
    conditions.push((snapshot) => snapshot.status === status);
  }
  if (volumeId !== undefined) conditions.push((snapshot) => snapshot.volumeId === volumeId);
  if (zone !== undefined) {
    if (!world.zones.has(zone)) return refuse('EVS.1041', zone);
    conditions.push((snapshot) => world.volume(snapshot.volumeId)?.zone === zone);
  }
  return conditions;
};

const candidates = (project: CloudProject, volumeId: string | undefined, sight: Sight | null): Iterable<Snapshot> =>
  volumeId === undefined || sight !== null
    ? project.snapshots.newestFirst(Infinity, sight)
    : project.snapshotsOf(volumeId);

/** Where the page after the marker begins; negative where the marker is not among them. */
const firstAfter = (snapshots: readonly Snapshot[], marker: string | undefined): number => {
  if (marker === undefined) return 0;
  const place = snapshots.findIndex(({ id }) => id === marker);
  return place < 0 ? place : place + 1;
};

/** Both surfaces name the Cinder path here. */
const linkAfter = ({ baseUrl, projectId, query }: Call, { id }: Snapshot) => {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && key !== 'offset' && key !== 'marker') parameters.set(key, value);
  }
  parameters.set('marker', id);
  return { rel: 'next', href: `${baseUrl}/v2/${projectId}/snapshots/detail?${parameters.toString()}` };
};
