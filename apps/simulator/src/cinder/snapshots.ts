import type { Cloud } from '../cloud.js';
import { listSnapshots } from '../evs/snapshot-list.js';
import { snapshotDetail, snapshotSummary } from '../evs/snapshot-view.js';
import { create, get, remove, update } from '../evs/snapshots.js';
import type { Call, Route } from '../http/call.js';
import type { Answer } from '../http/envelope.js';
import { isRefusal, type Refusal } from '../http/refusal.js';
import { countIn } from './volumes.js';
import type { Snapshot } from '../world/snapshot.js';

const collection = '/v2/:projectId/snapshots';
const single = '/v2/:projectId/snapshots/:snapshotId';

/** The Cinder-compatible calls on snapshots (C7). */
export const cinderSnapshotRoutes = (cloud: Cloud): readonly Route[] => [
  {
    operation: 'cinderSnapshots.create',
    method: 'POST',
    paths: [collection],
    ...changing,
    handle: (call) => create(cloud, call),
  },
  {
    operation: 'cinderSnapshots.listBrief',
    method: 'GET',
    paths: [collection],
    surface: 'cinder',
    handle: (call) => list(cloud, call, snapshotSummary),
  },
  {
    operation: 'cinderSnapshots.list',
    method: 'GET',
    paths: [`${collection}/detail`],
    surface: 'cinder',
    handle: (call) => list(cloud, call, snapshotDetail),
  },
  {
    operation: 'cinderSnapshots.get',
    method: 'GET',
    paths: [single],
    surface: 'cinder',
    handle: (call) => get(cloud, call),
  },
  {
    operation: 'cinderSnapshots.update',
    method: 'PUT',
    paths: [single],
    ...changing,
    handle: (call) => update(cloud, call),
  },
  {
    operation: 'cinderSnapshots.delete',
    method: 'DELETE',
    paths: [single],
    ...changing,
    handle: (call) => remove(cloud, call),
  },
];

const changing = { surface: 'cinder', malformed: 'EVS.5400', writes: true } as const;

const list = (cloud: Cloud, call: Call, view: (snapshot: Snapshot) => unknown): Answer | Refusal => {
  const page = listSnapshots(cloud, call);
  if (isRefusal(page)) return page;
  const snapshots = page.snapshots.map(view);
  const next = page.links === undefined ? {} : { snapshots_links: page.links };
  return { status: 200, body: { snapshots, ...next, ...countIn(call, page.total) } };
};
