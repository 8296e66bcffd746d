import type { Call } from '../http/call.js';
import type { Seed } from '../options.js';
import type { Attachment } from '../world/attachment.js';
import { resourceTime } from '../world/times.js';
import type { Volume } from '../world/volume.js';

type Collection = 'os-vendor-volumes' | 'volumes';

/** In the version in which it was asked for. */
export const linksTo = ({ id, projectId }: Volume, { baseUrl, microversion }: Call, collection: Collection) => [
  { href: `${baseUrl}/${microversion === null ? 'v2' : 'v3'}/${projectId}/${collection}/${id}`, rel: 'self' },
  { href: `${baseUrl}/${projectId}/${collection}/${id}`, rel: 'bookmark' },
];

const isEncrypted = ({ metadata }: Volume): boolean => metadata['__system__encrypted'] === '1';

/** The attach id that a guest sees: made from the disk's id, so that it never changes. */
const wwnOf = ({ id }: Volume): string => `6888603000${id.replaceAll('-', '').slice(0, 22)}`;

const attachmentView = ({ id }: Volume, { serverId, attachmentId, attachedMicros, device }: Attachment) => ({
  server_id: serverId,
  attachment_id: attachmentId,
  attached_at: resourceTime(attachedMicros),
  host_name: null,
  volume_id: id,
  device,
  id,
});

/** An attached disk shows how it is attached, although nobody has set that. */
const shownMetadata = ({ metadata, attachments }: Volume): Volume['metadata'] =>
  attachments.length === 0 ? metadata : { readonly: 'False', ...metadata, attached_mode: 'rw' };

/** A disk in full (EVS reference §1.3). */
export const volumeDetail = (volume: Volume, call: Call, { user }: Seed, collection: Collection) => ({
  id: volume.id,
  links: linksTo(volume, call, collection),
  name: volume.name,
  status: volume.status,
  attachments: volume.attachments.map((attachment) => attachmentView(volume, attachment)),
  description: volume.description,
  availability_zone: volume.zone,
  size: volume.size,
  volume_type: volume.volumeType,
  bootable: String(volume.bootable),
  multiattach: volume.multiattach,
  shareable: volume.multiattach,
  encrypted: isEncrypted(volume),
  metadata: shownMetadata(volume),
  tags: volume.tags,
  snapshot_id: volume.snapshotId ?? null,
  source_volid: null,
  consistencygroup_id: null,
  volume_image_metadata: volume.imageMetadata ?? {},
  created_at: resourceTime(volume.createdMicros),
  updated_at: volume.updatedMicros === null ? null : resourceTime(volume.updatedMicros),
  'os-vol-tenant-attr:tenant_id': volume.projectId,
  'os-vol-host-attr:host': `${volume.zone}#${volume.volumeType}`,
  'os-vol-mig-status-attr:migstat': null,
  'os-vol-mig-status-attr:name_id': null,
  'os-volume-replication:extended_status': null,
  replication_status: 'disabled',
  user_id: user.id,
  service_type: 'EVS',
  wwn: wwnOf(volume),
  enterprise_project_id: '0',
  ...(volume.metadata['hw:passthrough'] === 'true' ? { serial_number: volume.id.slice(0, 20) } : {}),
});

/** A disk as the Cinder create answers it. */
export const volumeSummary = (volume: Volume, call: Call, { user }: Seed) => ({
  id: volume.id,
  links: linksTo(volume, call, 'volumes'),
  name: volume.name,
  status: volume.status,
  attachments: [],
  availability_zone: volume.zone,
  bootable: String(volume.bootable),
  encrypted: isEncrypted(volume),
  created_at: resourceTime(volume.createdMicros),
  updated_at: volume.updatedMicros === null ? null : resourceTime(volume.updatedMicros),
  description: volume.description,
  volume_type: volume.volumeType,
  size: volume.size,
  metadata: volume.metadata,
  multiattach: volume.multiattach,
  replication_status: 'disabled',
  snapshot_id: volume.snapshotId ?? null,
  source_volid: null,
  consistencygroup_id: null,
  user_id: user.id,
});
