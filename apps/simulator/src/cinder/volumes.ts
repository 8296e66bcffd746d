import type { Cloud } from '../cloud.js';
import { cinderCreate } from '../evs/create-request.js';
import { findDisks, nextLinks } from '../evs/disk-list.js';
import { linksTo, volumeDetail, volumeSummary } from '../evs/volume-view.js';
import type { Call, Route } from '../http/call.js';
import type { Answer } from '../http/envelope.js';
import { cinderMetadata, fitsBytes, isObject, member, optionalText } from '../http/read.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import { changeDisk, createDisks, deleteDisk, findVolume } from '../world/disk-work.js';
import type { Volume } from '../world/volume.js';
import { withMetadata } from './metadata.js';

const collection = '/v2/:projectId/volumes';
const single = '/v2/:projectId/volumes/:volumeId';

/** The Cinder-compatible calls on disks: work is followed by the status, there is no job (C1, C2, C3). */
export const volumeRoutes = (cloud: Cloud): readonly Route[] => [
  {
    operation: 'volumes.create',
    method: 'POST',
    paths: [collection],
    ...changing,
    handle: (call) => create(cloud, call),
  },
  {
    operation: 'volumes.listBrief',
    method: 'GET',
    paths: [collection],
    surface: 'cinder',
    handle: (call) => list(cloud, call, brief),
  },
  {
    operation: 'volumes.list',
    method: 'GET',
    paths: [`${collection}/detail`],
    surface: 'cinder',
    handle: (call) => list(cloud, call, (volume) => detail(cloud, call, volume)),
  },
  {
    operation: 'volumes.get',
    method: 'GET',
    paths: [single],
    surface: 'cinder',
    handle: (call) => {
      const volume = findVolume(cloud, call);
      return isRefusal(volume) ? volume : { status: 200, body: { volume: detail(cloud, call, volume) } };
    },
  },
  { operation: 'volumes.update', method: 'PUT', paths: [single], ...changing, handle: (call) => update(cloud, call) },
  {
    operation: 'volumes.delete',
    method: 'DELETE',
    paths: [single],
    ...changing,
    handle: (call) => {
      const accepted = checkCascade(cloud, call) ?? deleteDisk(cloud, call);
      return isRefusal(accepted) ? accepted : { status: 202 };
    },
  },
];

/** Without `cascade=true` a disk that has snapshots stays (EVS reference §1.5). */
const checkCascade = ({ world }: Cloud, { params, projectId, query }: Call): Refusal | null => {
  const snapshots = world.projects.get(projectId)?.snapshotsOf(params['volumeId'] ?? '') ?? [];
  if (snapshots.length === 0 || query['cascade']?.toLowerCase() === 'true') return null;
  return refuse('EVS.5400', 'the disk has snapshots; cascade=true deletes them');
};

const changing = { surface: 'cinder', malformed: 'EVS.5400', writes: true } as const;

const detail = ({ world }: Cloud, call: Call, volume: Volume) => volumeDetail(volume, call, world.seed, 'volumes');

const brief = (volume: Volume, call: Call) => ({
  id: volume.id,
  links: linksTo(volume, call, 'volumes'),
  name: volume.name,
});

const list = (cloud: Cloud, call: Call, view: (volume: Volume, call: Call) => unknown): Answer | Refusal => {
  const page = findDisks(cloud, call);
  if (isRefusal(page)) return page;
  const links = nextLinks(call, page);
  const volumes = page.volumes.map((volume) => view(volume, call));
  const next = links.length > 0 ? { volumes_links: links } : {};
  return { status: 200, body: { volumes, ...next, ...countIn(call, page.total) } };
};

/** Of all pages, since 3.45, to whom it is wanted. */
export const countIn = ({ microversion, query }: Call, count: number) =>
  (microversion ?? 0) >= 45 && query['with_count']?.toLowerCase() === 'true' ? { count } : {};

const create = (cloud: Cloud, call: Call): Answer | Refusal => {
  const request = cinderCreate(cloud, call);
  if (isRefusal(request)) return request;
  const accepted = createDisks(cloud, call, request);
  if (isRefusal(accepted)) return accepted;
  const [first] = accepted.volumes;
  return { status: 202, body: { volume: first && volumeSummary(first, call, cloud.world.seed) } };
};

/** `name` and `description` win over their `display_` forms; metadata is merged. */
const update = (cloud: Cloud, call: Call): Answer | Refusal => {
  const found = findVolume(cloud, call);
  if (isRefusal(found)) return found;
  const body = member(call.body, 'volume');
  if (!isObject(body)) return refuse('EVS.1001', 'a volume is missing');
  const name = optionalText(body['name'] ?? body['display_name'], 255, 'EVS.1003');
  if (isRefusal(name)) return name;
  const description = optionalText(body['description'] ?? body['display_description'], 255, 'EVS.1004');
  if (isRefusal(description)) return description;
  if (!fitsBytes(name, 255) || !fitsBytes(description, 255)) return refuse('EVS.1003', 'at most 255 bytes');
  const given = cinderMetadata(body['metadata']);
  if (isRefusal(given)) return given;
  const merged = withMetadata(found, { ...found.metadata, ...given });
  if (isRefusal(merged)) return merged;
  const changed = { ...merged, name: name ?? merged.name, description: description ?? merged.description };
  return { status: 200, body: { volume: detail(cloud, call, changeDisk(cloud, call, changed)) } };
};
