import type { Cloud } from '../cloud.js';
import type { Call, Route } from '../http/call.js';
import type { Answer } from '../http/envelope.js';
import { isObject, member, optionalText } from '../http/read.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import { changeSnapshot, createSnapshot, deleteSnapshot, findSnapshot, rollBack } from '../world/snapshot-work.js';
import { listSnapshots } from './snapshot-list.js';
import { readSnapshotRequest, withUpdate } from './snapshot-request.js';
import { snapshotDetail, snapshotInList, snapshotSummary } from './snapshot-view.js';

const collection = '/v2/:projectId/cloudsnapshots';
const single = '/v2/:projectId/cloudsnapshots/:snapshotId';

/** The EVS-native calls on snapshots: work is followed by the status, there is no job (N11–N16). */
export const snapshotRoutes = (cloud: Cloud): readonly Route[] => [
  {
    operation: 'snapshots.create',
    method: 'POST',
    paths: [collection],
    ...changing,
    handle: (call) => create(cloud, call),
  },
  {
    operation: 'snapshots.list',
    method: 'GET',
    paths: [`${collection}/detail`],
    surface: 'native',
    handle: (call) => {
      const page = listSnapshots(cloud, call);
      if (isRefusal(page)) return page;
      const links = page.links === undefined ? {} : { snapshots_links: page.links };
      return { status: 200, body: { count: page.total, snapshots: page.snapshots.map(snapshotInList), ...links } };
    },
  },
  {
    operation: 'snapshots.get',
    method: 'GET',
    paths: [single],
    surface: 'native',
    handle: (call) => get(cloud, call),
  },
  {
    operation: 'snapshots.update',
    method: 'PUT',
    paths: [single],
    ...changing,
    handle: (call) => update(cloud, call),
  },
  {
    operation: 'snapshots.delete',
    method: 'DELETE',
    paths: [single],
    ...changing,
    handle: (call) => remove(cloud, call),
  },
  {
    operation: 'snapshots.rollback',
    method: 'POST',
    paths: [
      `${single}/rollback`,
      '/v2/:projectId/os-vendor-snapshots/:snapshotId/rollback',
      '/v3/:projectId/os-vendor-snapshots/:snapshotId/rollback',
    ],
    ...changing,
    handle: (call) => startRollback(cloud, call),
  },
];

const changing = { surface: 'native', malformed: 'EVS.5400', writes: true } as const;

/** These four answer alike on the Cinder surface; only refusals look different there. */
export const create = (cloud: Cloud, call: Call): Answer | Refusal => {
  const request = readSnapshotRequest(call.body);
  if (isRefusal(request)) return request;
  const snapshot = createSnapshot(cloud, call, request);
  return isRefusal(snapshot) ? snapshot : { status: 202, body: { snapshot: snapshotSummary(snapshot) } };
};

export const get = (cloud: Cloud, call: Call): Answer | Refusal => {
  const snapshot = findSnapshot(cloud, call);
  return isRefusal(snapshot) ? snapshot : { status: 200, body: { snapshot: snapshotDetail(snapshot) } };
};

export const update = (cloud: Cloud, call: Call): Answer | Refusal => {
  const snapshot = findSnapshot(cloud, call);
  if (isRefusal(snapshot)) return snapshot;
  const wanted = withUpdate(snapshot, call.body);
  if (isRefusal(wanted)) return wanted;
  return { status: 200, body: { snapshot: snapshotSummary(changeSnapshot(cloud, call, wanted)) } };
};

export const remove = (cloud: Cloud, call: Call): Answer | Refusal => {
  const snapshot = deleteSnapshot(cloud, call);
  return isRefusal(snapshot) ? snapshot : { status: 202 };
};

const startRollback = (cloud: Cloud, call: Call): Answer | Refusal => {
  if (cloud.readings.rollback === 'not-offered') return refuse('APIG.0101');
  const rollback = member(call.body, 'rollback');
  const volumeId = isObject(rollback) ? rollback['volume_id'] : undefined;
  if (typeof volumeId !== 'string') return refuse('EVS.5400', 'volume_id is missing');
  const name = optionalText(member(rollback, 'name'), 255, 'EVS.5400');
  if (isRefusal(name)) return name;
  const volume = rollBack(cloud, call, volumeId);
  return isRefusal(volume) ? volume : { status: 202, body: { rollback: { volume_id: volume.id } } };
};
