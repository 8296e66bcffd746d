import type { Cloud } from '../cloud.js';
import type { Call, Method, Route } from '../http/call.js';
import type { Answer } from '../http/envelope.js';
import { cinderMetadata, entry, isObject, member, without } from '../http/read.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import { changeDisk, findVolume } from '../world/disk-work.js';
import { changeSnapshot, findSnapshot } from '../world/snapshot-work.js';
import type { Volume } from '../world/volume.js';

/** The kinds of resources that carry metadata, and how each is found and written. */
interface Carrier {
  readonly collection: string;
  readonly operations: 'metadata' | 'snapshotMetadata';
  /** The caller's resource that the path names: its metadata, and a way to write others. */
  readonly find: (cloud: Cloud, call: Call) => Carried | Refusal;
}

interface Carried {
  readonly metadata: Metadata;
  readonly write: (metadata: Metadata) => void;
}

const disks: Carrier = {
  collection: '/v2/:projectId/volumes/:volumeId/metadata',
  operations: 'metadata',
  find: (cloud, call) => {
    const volume = findVolume(cloud, call);
    if (isRefusal(volume)) return volume;
    return {
      metadata: volume.metadata,
      write: (metadata) => void changeDisk(cloud, call, { ...volume, metadata }),
    };
  },
};

const snapshots: Carrier = {
  collection: '/v2/:projectId/snapshots/:snapshotId/metadata',
  operations: 'snapshotMetadata',
  find: (cloud, call) => {
    const snapshot = findSnapshot(cloud, call);
    if (isRefusal(snapshot)) return snapshot;
    return {
      metadata: snapshot.metadata,
      write: (metadata) => void changeSnapshot(cloud, call, { ...snapshot, metadata }),
    };
  },
};

/** The metadata of disks and snapshots (C6, C8): POST merges, PUT replaces; the system's own keys cannot be changed (EVS reference §1.9). */
export const metadataRoutes = (cloud: Cloud): readonly Route[] =>
  [disks, snapshots].flatMap((carrier) => routesOf(cloud, carrier));

const routesOf = (cloud: Cloud, { collection, operations, find }: Carrier): readonly Route[] => {
  const single = [`${collection}/:key`];
  const whole = [collection];
  const row = (
    method: Method,
    name: 'list' | 'merge' | 'replace' | 'get' | 'set' | 'remove',
    handle: (call: Call, carried: Carried) => Answer | Refusal,
  ): Route => ({
    operation: `${operations}.${name}`,
    method,
    paths: name === 'get' || name === 'set' || name === 'remove' ? single : whole,
    ...(method === 'GET' ? reading : changing),
    handle: (call) => {
      const carried = find(cloud, call);
      return isRefusal(carried) ? carried : handle(call, carried);
    },
  });
  return [
    row('GET', 'list', (_call, { metadata }) => ({ status: 200, body: { metadata } })),
    row('POST', 'merge', (call, carried) => change(call, carried, merge)),
    row('PUT', 'replace', (call, carried) => change(call, carried, replace)),
    row('GET', 'get', getOne),
    row('PUT', 'set', setOne),
    row('DELETE', 'remove', removeOne),
  ];
};

const reading = { surface: 'cinder' } as const;
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

/** The first key that belongs to the system and would change. */
const protectedChange = (before: Metadata, after: Metadata): Refusal | null => {
  const touched = Object.keys(after).find((key) => isProtected(key) && after[key] !== before[key]);
  return touched === undefined ? null : refuse('EVS.2047', touched);
};

/** The disk with other metadata, unless that would change what belongs to the system. */
export const withMetadata = (volume: Volume, metadata: Metadata): Volume | Refusal =>
  protectedChange(volume.metadata, metadata) ?? { ...volume, metadata };

const change = (
  { body }: Call,
  { metadata, write }: Carried,
  combine: (old: Metadata, given: Metadata) => Metadata,
): Answer | Refusal => {
  const wanted = member(body, 'metadata');
  if (!isObject(wanted)) return refuse('EVS.5400', 'metadata is missing');
  const given = cinderMetadata(wanted);
  if (isRefusal(given)) return given;
  const changed = combine(metadata, given);
  const refusal = protectedChange(metadata, changed);
  if (refusal) return refusal;
  write(changed);
  return { status: 200, body: { metadata: changed } };
};

const getOne = ({ params }: Call, { metadata }: Carried): Answer | Refusal => {
  const key = params['key'] ?? '';
  const value = entry(metadata, key);
  return value === undefined
    ? refuse('EVS.5404', 'no such metadata')
    : { status: 200, body: { meta: { [key]: value } } };
};

const setOne = ({ params, body }: Call, { metadata, write }: Carried): Answer | Refusal => {
  const key = params['key'] ?? '';
  const meta = cinderMetadata(member(body, 'meta'));
  if (isRefusal(meta)) return meta;
  const value = entry(meta, key);
  if (value === undefined || Object.keys(meta).length !== 1)
    return refuse('EVS.5400', 'body and path name different keys');
  const changed = { ...metadata, [key]: value };
  const refusal = protectedChange(metadata, changed);
  if (refusal) return refusal;
  write(changed);
  return { status: 200, body: { meta: { [key]: value } } };
};

const removeOne = ({ params }: Call, { metadata, write }: Carried): Answer | Refusal => {
  const key = params['key'] ?? '';
  if (isProtected(key)) return refuse('EVS.5403', key);
  if (entry(metadata, key) === undefined) return refuse('EVS.5404', 'no such metadata');
  write(without(metadata, (each) => each === key));
  return { status: 200 };
};
