import type { Cloud } from '../cloud.js';
import type { Call } from '../http/call.js';
import { refuse, type Refusal } from '../http/refusal.js';
import type { CloudProject } from '../world/cloud-project.js';
import type { Sight, Slot } from '../world/slot.js';
import type { Volume } from '../world/volume.js';
import type { World } from '../world/world.js';

export type SortKey = 'id' | 'status' | 'size' | 'created_at';

/** What a list asks for. Members left out do not restrict. */
export interface DiskQuery {
  readonly ids?: ReadonlySet<string>;
  readonly name?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Every further condition. */
  readonly accepts?: (volume: Volume) => boolean;
  readonly sortKey: SortKey;
  readonly sortDir: 'asc' | 'desc';
  readonly marker?: string;
  readonly offset: number;
  readonly limit: number;
}

export interface DiskPage {
  /** How many match, on all pages. */
  readonly total: number;
  readonly volumes: readonly Volume[];
  readonly more: boolean;
}

type Compare = (a: Volume, b: Volume) => number;

const values: Readonly<Record<SortKey, (volume: Volume) => string | number>> = {
  id: ({ id }) => id,
  status: ({ status }) => status,
  size: ({ size }) => size,
  created_at: ({ seq }) => seq,
};

/** Newest first among equals, as everywhere. */
const comparison = ({ sortKey, sortDir }: DiskQuery): Compare => {
  const value = values[sortKey];
  const sign = sortDir === 'asc' ? 1 : -1;
  return (a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === right) return b.seq - a.seq;
    return left < right ? -sign : sign;
  };
};

/** The disks of a project that a list shows; with `sight` where it lags behind. */
export const queryDisks = ({ world }: Cloud, call: Call, query: DiskQuery, sight: Sight | null): DiskPage | Refusal => {
  const project = world.projects.get(call.projectId);
  if (!project) return refuse('EVS.0001');
  const marker = query.marker === undefined ? null : world.volume(query.marker, sight);
  if (query.marker !== undefined && marker?.projectId !== call.projectId)
    return refuse('EVS.5404', 'no disk has the id of the marker');
  const newestFirst = query.sortKey === 'created_at' && query.sortDir === 'desc';
  const unfiltered = !query.ids && query.name === undefined && !query.metadata && !query.accepts;
  if (newestFirst && unfiltered && sight === null) return firstPage(project, query, marker);
  const matches = [...candidates(world, project, query, sight)].filter((volume) => satisfies(volume, query));
  const compare = comparison(query);
  if (!newestFirst) matches.sort(compare);
  const after = marker === null ? 0 : countWhile(matches, (volume) => compare(volume, marker) <= 0);
  const start = after + query.offset;
  const volumes = matches.slice(start, start + query.limit);
  return { total: matches.length, volumes, more: matches.length > start + query.limit };
};

/** The usual look: no more disks are touched than are skipped and shown. */
const firstPage = (project: CloudProject, { offset, limit }: DiskQuery, marker: Volume | null): DiskPage => {
  const volumes: Volume[] = [];
  let skipped = 0;
  for (const volume of project.disks.newestFirst(marker?.seq)) {
    if (skipped < offset) skipped += 1;
    else if (volumes.length < limit) volumes.push(volume);
    else return { total: project.disks.size, volumes, more: true };
  }
  return { total: project.disks.size, volumes, more: false };
};

/** At least all disks that match, newest first: from the smallest index that the query can use. */
const candidates = (world: World, project: CloudProject, query: DiskQuery, sight: Sight | null): Iterable<Volume> => {
  const { ids, name } = query;
  const entries = Object.entries(query.metadata ?? {});
  if (sight !== null || (!ids && name === undefined && entries.length === 0))
    return project.disks.newestFirst(Infinity, sight);
  if (ids)
    return bySeq([...ids].flatMap((id) => world.volume(id) ?? []).filter(({ projectId }) => projectId === project.id));
  const sets = entries.map(([key, value]) => project.byMetadata.get(key, value));
  if (name !== undefined) sets.push(project.byName.get(name));
  return newestFirst(smallest(sets));
};

/** A set that does not exist is empty: nothing carries that key. */
const smallest = (sets: readonly (ReadonlySet<Slot<Volume>> | undefined)[]): Iterable<Slot<Volume>> =>
  sets.reduce((least, set) => ((set?.size ?? 0) < (least?.size ?? 0) ? set : least)) ?? [];

export const newestFirst = (slots: Iterable<Slot<Volume>>): Volume[] =>
  bySeq([...slots].flatMap(({ current }) => current ?? []));

const bySeq = (volumes: Volume[]): Volume[] => volumes.sort((a, b) => b.seq - a.seq);

const satisfies = (volume: Volume, { ids, name, metadata, accepts }: DiskQuery): boolean =>
  (!ids || ids.has(volume.id)) &&
  (name === undefined || volume.name === name) &&
  Object.entries(metadata ?? {}).every(([key, value]) => volume.metadata[key] === value) &&
  (accepts?.(volume) ?? true);

const countWhile = (volumes: readonly Volume[], holds: (volume: Volume) => boolean): number => {
  const end = volumes.findIndex((volume) => !holds(volume));
  return end < 0 ? volumes.length : end;
};

/** How the faults that are switched on make this list look at the world: null when it is current. */
export const sightOf = ({ faults, world }: Cloud, { operation, projectId, nowMs }: Call): Sight | null => {
  const fault = faults.fire(['stale-list'], { operation, projectId, diskName: null });
  return world.late.sight(nowMs, fault ? nowMs - fault.seconds * 1_000 : null);
};
