import type { Members } from '../http/read.js';
import { entry, without } from '../http/read.js';
import { refuse, type Refusal } from '../http/refusal.js';
import type { Readings } from '../readings.js';
import type { DiskRequest } from '../world/disk-work.js';
import { isManual, type Snapshot } from '../world/snapshot.js';
import type { Volume } from '../world/volume.js';
import type { World } from '../world/world.js';

/** What a new disk is made from, and the disk that this was taken from. */
export interface DiskSource {
  readonly snapshot: Snapshot;
  readonly disk: Volume;
  /** Encryption and device type: the new disk has them from the old one. */
  readonly inherited: Readonly<Record<string, string>>;
}

const inheritedKeys = ['__system__encrypted', '__system__cmkid', 'hw:passthrough'];

/** At most one source, and of those only snapshots: images and backups do not exist here, so each of their ids is unknown. */
export const readSource = (
  world: World,
  projectId: string,
  volume: Members,
  metadata: Readonly<Record<string, string>>,
): DiskSource | null | Refusal => {
  const codes = { snapshot_id: 'EVS.2045', imageRef: 'EVS.2046', backup_id: 'EVS.1006' } as const;
  const [first, ...others] = Object.entries(codes).filter(([name]) => volume[name] != null);
  if (!first) return null;
  if (others.length > 0) return refuse('EVS.1016');
  const [name, code] = first;
  const id = String(volume[name]);
  const snapshot = name === 'snapshot_id' ? world.snapshot(id) : null;
  const disk = snapshot && world.volume(snapshot.volumeId);
  if (!disk || snapshot.projectId !== projectId) return refuse(code, id);
  if (!isManual(snapshot)) return refuse('EVS.2045', 'the backup service made it for itself');
  if (snapshot.status !== 'available') return refuse('EVS.2043', `it is ${snapshot.status}`);
  const own = inheritedKeys.find((key) => entry(metadata, key) !== undefined);
  if (own !== undefined) return refuse('EVS.1043', own);
  return { snapshot, disk, inherited: without(disk.metadata, (key) => !inheritedKeys.includes(key)) };
};

/** The rules of EVS reference §1.4 for a disk from a snapshot, once its place and size are known. */
export const checkSource = (
  { snapshot, disk }: DiskSource,
  { zone, volumeType, size, count }: Pick<DiskRequest, 'zone' | 'volumeType' | 'size' | 'count'>,
  { batchFromSnapshot }: Readings,
): Refusal | null => {
  if (zone !== disk.zone) return refuse('EVS.2054', `${zone} is not ${disk.zone}`);
  if (volumeType !== disk.volumeType) return refuse('EVS.2096', `${volumeType} is not ${disk.volumeType}`);
  if (size < snapshot.size) return refuse('EVS.1010', `the snapshot has ${snapshot.size} GB`);
  if (count > 1 && batchFromSnapshot === 'refused') return refuse('EVS.1021', 'one disk at a time from a snapshot');
  return null;
};
