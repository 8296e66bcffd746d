import type { Members } from '../http/read.js';
import { entry, isUuid, without } from '../http/read.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import type { Readings } from '../readings.js';
import { imageMetadata } from '../ims/image-view.js';
import { MAX_SIZE_GB, MAX_SYSTEM_SIZE_GB, MIN_SIZE_GB, type DiskRequest } from '../world/disk-work.js';
import { isUsable, mayUse, visibilityTo, type Image } from '../world/image.js';
import { isManual, type Snapshot } from '../world/snapshot.js';
import type { Volume } from '../world/volume.js';
import type { World } from '../world/world.js';

/** What a new disk is made from. */
export type DiskSource = (FromSnapshot | FromImage) & {
  /** Encryption and device type: the new disk has them from its source. */
  readonly inherited: Readonly<Record<string, string>>;
};

interface FromSnapshot {
  readonly snapshot: Snapshot;
  /** That the snapshot was taken from. */
  readonly disk: Volume;
}

interface FromImage {
  readonly image: Image;
  readonly imageMetadata: Readonly<Record<string, string>>;
}

const inheritedKeys = ['__system__encrypted', '__system__cmkid', 'hw:passthrough'];

/** At most one source. Backups do not exist here, so each of their ids is unknown. */
export const readSource = (
  world: World,
  projectId: string,
  volume: Members,
  metadata: Readonly<Record<string, string>>,
): DiskSource | null | Refusal => {
  const named = (['snapshot_id', 'imageRef', 'backup_id'] as const).filter((name) => volume[name] != null);
  const [name] = named;
  if (name === undefined) return null;
  if (named.length > 1) return refuse('EVS.1016');
  const id = String(volume[name]);
  if (name === 'backup_id') return refuse('EVS.1006', id);
  const source = name === 'snapshot_id' ? fromSnapshot(world, projectId, id) : fromImage(world, projectId, id);
  if (isRefusal(source)) return source;
  const own = inheritedKeys.find((key) => entry(metadata, key) !== undefined);
  return own === undefined ? source : refuse('EVS.1043', own);
};

const fromSnapshot = (world: World, projectId: string, id: string): DiskSource | Refusal => {
  const snapshot = world.snapshot(id);
  const disk = snapshot && world.volume(snapshot.volumeId);
  if (!disk || snapshot.projectId !== projectId) return refuse('EVS.2045', id);
  if (!isManual(snapshot)) return refuse('EVS.2045', 'the backup service made it for itself');
  if (snapshot.status !== 'available') return refuse('EVS.2043', `it is ${snapshot.status}`);
  return { snapshot, disk, inherited: without(disk.metadata, (key) => !inheritedKeys.includes(key)) };
};

/** The disk becomes VBD, as the API page has it (EVS reference §10.4). */
const fromImage = (world: World, projectId: string, id: string): DiskSource | Refusal => {
  const image = isUuid(id) ? world.images.get(id) : undefined;
  const visibility = image && visibilityTo(image, projectId);
  if (!image || !visibility || !mayUse(image, projectId)) return refuse('EVS.2046', id);
  if (image.status !== 'active') return refuse('EVS.5400', `the image is ${image.status}`);
  if (!isUsable(image)) return refuse('EVS.5400', `no disk is made of an image for ${image.virtualEnvType}`);
  const key = image.cmkId === null ? {} : { __system__encrypted: '1', __system__cmkid: image.cmkId };
  const inherited = { 'hw:passthrough': 'false', ...key };
  return { image, imageMetadata: imageMetadata(image, visibility), inherited };
};

/** What a disk is, or is not, for what it was made from. */
export const bornOf = (source: DiskSource | null): Pick<DiskRequest, 'bootable' | 'snapshotId' | 'imageMetadata'> => {
  if (source === null) return { bootable: false };
  if ('image' in source) return { bootable: isSystem(source), imageMetadata: source.imageMetadata };
  const { bootable, imageMetadata: kept } = source.disk;
  return { bootable, snapshotId: source.snapshot.id, ...(kept && { imageMetadata: kept }) };
};

const isSystem = (source: DiskSource): boolean =>
  'image' in source ? source.image.virtualEnvType === 'FusionCompute' : source.disk.bootable;

/** System disks have 1 to 1024 GB, others 10 to 32768 (EVS reference §8.5). */
export const sizesOf = (source: DiskSource | null): { readonly min: number; readonly max: number } =>
  source !== null && isSystem(source) ? { min: 1, max: MAX_SYSTEM_SIZE_GB } : { min: MIN_SIZE_GB, max: MAX_SIZE_GB };

/** The rules of EVS reference §1.4 for a disk with a source, once its place and size are known. */
export const checkSource = (source: DiskSource, wanted: Wanted, readings: Readings): Refusal | null =>
  'image' in source ? checkImage(source, wanted) : checkSnapshot(source, wanted, readings);

type Wanted = Pick<DiskRequest, 'zone' | 'volumeType' | 'size' | 'count' | 'multiattach'>;

const checkSnapshot = (
  { snapshot, disk }: FromSnapshot,
  { zone, volumeType, size, count }: Wanted,
  { batchFromSnapshot }: Readings,
): Refusal | null => {
  if (zone !== disk.zone) return refuse('EVS.2054', `${zone} is not ${disk.zone}`);
  if (volumeType !== disk.volumeType) return refuse('EVS.2096', `${volumeType} is not ${disk.volumeType}`);
  if (size < snapshot.size) return refuse('EVS.1010', `the snapshot has ${snapshot.size} GB`);
  if (count > 1 && batchFromSnapshot === 'refused') return refuse('EVS.1021', 'one disk at a time from a snapshot');
  return null;
};

const checkImage = (source: DiskSource & FromImage, { size, multiattach }: Wanted): Refusal | null => {
  const { minDisk } = source.image;
  if (size < minDisk) return refuse('EVS.1010', `the image needs ${minDisk} GB`);
  return multiattach && isSystem(source) ? refuse('EVS.2094') : null;
};
