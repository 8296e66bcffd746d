import type { Cloud } from '../cloud.js';
import type { Call, Route } from '../http/call.js';
import type { Answer } from '../http/envelope.js';
import { cinderMetadata, entry, isObject, member, without } from '../http/read.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import { changeDisk, findVolume } from '../world/disk-work.js';
import type { Volume } from '../world/volume.js';

const whole = ['/v2/:projectId/volumes/:volumeId/metadata'];
const single = ['/v2/:projectId/volumes/:volumeId/metadata/:key'];

/** The metadata of a disk (C6): POST merges, PUT replaces; the system's own keys cannot be changed (EVS reference §1.9). */
export const metadataRoutes = (cloud: Cloud): readonly Route[] => [
  {
    operation: 'metadata.list',
    method: 'GET',
    paths: whole,
    surface: 'cinder',
    handle: (call) => {
      const volume = findVolume(cloud, call);
      return isRefusal(volume) ? volume : { status: 200, body: { metadata: volume.metadata } };
    },
  },
  {
    operation: 'metadata.merge',
    method: 'POST',
    paths: whole,
    ...changing,
    handle: (call) => change(cloud, call, merge),
  },
  {
    operation: 'metadata.replace',
    method: 'PUT',
    paths: whole,
    ...changing,
    handle: (call) => change(cloud, call, replace),
  },
  { operation: 'metadata.get', method: 'GET', paths: single, surface: 'cinder', handle: (call) => getOne(cloud, call) },
  { operation: 'metadata.set', method: 'PUT', paths: single, ...changing, handle: (call) => setOne(cloud, call) },
  {
    operation: 'metadata.remove',
    method: 'DELETE',
    paths: single,
    ...changing,
    handle: (call) => removeOne(cloud, call),
  },
];

const changing = { surface: 'cinder', malformed: 'EVS.5400', writes: true } as const;

type Metadata = Volume['metadata'];

const isProtected = (key: string): boolean =>
  key.startsWith('__system__') || key === 'hw:passthrough' || key === 'full_clone';

const merge = (old: Metadata, given: Metadata): Metadata => ({ ...old, ...given });

/** The system's own keys stay also when the rest is replaced. */
const replace = (old: Metadata, given: Metadata): Metadata => ({
  ...without(old, (key) => !isProtected(key)),
  ...given,
});

/** The disk with other metadata, unless that would change what belongs to the system. */
export const withMetadata = (volume: Volume, metadata: Metadata): Volume | Refusal => {
  const touched = Object.keys(metadata).find((key) => isProtected(key) && metadata[key] !== volume.metadata[key]);
  return touched === undefined ? { ...volume, metadata } : refuse('EVS.2047', touched);
};

const change = (cloud: Cloud, call: Call, combine: (old: Metadata, given: Metadata) => Metadata): Answer | Refusal => {
  const volume = findVolume(cloud, call);
  if (isRefusal(volume)) return volume;
  const body = member(call.body, 'metadata');
  if (!isObject(body)) return refuse('EVS.5400', 'metadata is missing');
  const given = cinderMetadata(body);
  if (isRefusal(given)) return given;
  const changed = withMetadata(volume, combine(volume.metadata, given));
  if (isRefusal(changed)) return changed;
  changeDisk(cloud, call, changed);
  return { status: 200, body: { metadata: changed.metadata } };
};

const getOne = (cloud: Cloud, call: Call): Answer | Refusal => {
  const volume = findVolume(cloud, call);
  if (isRefusal(volume)) return volume;
  const key = call.params['key'] ?? '';
  const value = entry(volume.metadata, key);
  return value === undefined
    ? refuse('EVS.5404', 'no such metadata')
    : { status: 200, body: { meta: { [key]: value } } };
};

const setOne = (cloud: Cloud, call: Call): Answer | Refusal => {
  const volume = findVolume(cloud, call);
  if (isRefusal(volume)) return volume;
  const key = call.params['key'] ?? '';
  const meta = cinderMetadata(member(call.body, 'meta'));
  if (isRefusal(meta)) return meta;
  const value = entry(meta, key);
  if (value === undefined || Object.keys(meta).length !== 1)
    return refuse('EVS.5400', 'body and path name different keys');
  const changed = withMetadata(volume, { ...volume.metadata, [key]: value });
  if (isRefusal(changed)) return changed;
  changeDisk(cloud, call, changed);
  return { status: 200, body: { meta: { [key]: value } } };
};

const removeOne = (cloud: Cloud, call: Call): Answer | Refusal => {
  const volume = findVolume(cloud, call);
  if (isRefusal(volume)) return volume;
  const key = call.params['key'] ?? '';
  if (isProtected(key)) return refuse('EVS.5403', key);
  if (entry(volume.metadata, key) === undefined) return refuse('EVS.5404', 'no such metadata');
  changeDisk(cloud, call, { ...volume, metadata: without(volume.metadata, (each) => each === key) });
  return { status: 200 };
};
