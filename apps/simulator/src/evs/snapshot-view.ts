import { resourceTime } from '../world/times.js';
import type { Snapshot } from '../world/snapshot.js';

/** A snapshot as a create or an update answers it (EVS reference §1.3). */
export const snapshotSummary = (snapshot: Snapshot) => ({
  id: snapshot.id,
  status: snapshot.status,
  name: snapshot.name,
  description: snapshot.description,
  volume_id: snapshot.volumeId,
  size: snapshot.size,
  metadata: snapshot.metadata,
  created_at: resourceTime(snapshot.createdMicros),
  updated_at: snapshot.updatedMicros === null ? null : resourceTime(snapshot.updatedMicros),
});

/** A snapshot in full. */
export const snapshotDetail = (snapshot: Snapshot) => ({
  ...snapshotSummary(snapshot),
  'os-extended-snapshot-attributes:progress': snapshot.status === 'creating' ? '0%' : '100%',
  'os-extended-snapshot-attributes:project_id': snapshot.projectId,
});

/** A snapshot as the native list shows it. */
export const snapshotInList = (snapshot: Snapshot) => ({ ...snapshotDetail(snapshot), service_type: 'EVS' });
