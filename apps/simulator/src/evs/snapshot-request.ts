import { cinderMetadata, isObject, member, optionalText, type Members } from '../http/read.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import type { Snapshot } from '../world/snapshot.js';
import type { SnapshotRequest } from '../world/snapshot-work.js';

type Label = Pick<Snapshot, 'name' | 'description'>;

const readLabel = (snapshot: Members): Label | Refusal => {
  const name = optionalText(snapshot['name'], 255, 'EVS.5400');
  if (isRefusal(name)) return name;
  const description = optionalText(snapshot['description'], 255, 'EVS.5400');
  return isRefusal(description) ? description : { name, description };
};

/** The body of a create: the same on both surfaces (EVS reference §1.7). */
export const readSnapshotRequest = (body: unknown): SnapshotRequest | Refusal => {
  const snapshot = member(body, 'snapshot');
  if (!isObject(snapshot)) return refuse('EVS.5400', 'a snapshot is missing');
  const { volume_id: volumeId, force = false } = snapshot;
  if (typeof volumeId !== 'string') return refuse('EVS.5400', 'volume_id is missing');
  if (typeof force !== 'boolean') return refuse('EVS.5400', 'force must be a boolean');
  const label = readLabel(snapshot);
  if (isRefusal(label)) return label;
  const metadata = cinderMetadata(snapshot['metadata']);
  return isRefusal(metadata) ? metadata : { volumeId, ...label, force, metadata };
};

/** A snapshot as the body of an update wants it; what is left out stays. */
export const withUpdate = (old: Snapshot, body: unknown): Snapshot | Refusal => {
  const snapshot = member(body, 'snapshot');
  if (!isObject(snapshot)) return refuse('EVS.5400', 'a snapshot is missing');
  const { name, description } = snapshot;
  if (name === undefined && description === undefined) return refuse('EVS.5400', 'name or description is needed');
  const label = readLabel(snapshot);
  if (isRefusal(label)) return label;
  return {
    ...old,
    name: name === undefined ? old.name : label.name,
    description: description === undefined ? old.description : label.description,
  };
};
