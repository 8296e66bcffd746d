import type { RecordedEvent } from '@strata/event-store';
import {
  foreignSnapshotsOf,
  isMissing,
  mayHaveBegunFilled,
  snapshotsOf,
  type CloudKnownDisk,
  type DiskEvent,
} from '../disk/index.js';
import type { LastKnown } from '../finding/index.js';
import { absenceOf, type Absence } from './absence.js';

/** What the cloud has shown, or said that it did to a disk that is there. */
const told: ReadonlySet<string> = new Set<DiskEvent['type']>([
  'DiskProvisioned',
  'DiskAdopted',
  'DiskReceived',
  'DiskRecreated',
  'DiskObserved',
  'DiskChanged',
  'DiskExtended',
  'DiskRetyped',
  'DiskAttached',
  'DiskDetached',
  'DiskRolledBack',
  'DiskImageMade',
]);

const missed: DiskEvent['type'] = 'DiskFoundMissing';

/** Of a disk that the cloud does not know: what the log has of it. */
export const lastKnownOf = (
  disk: CloudKnownDisk,
  events: readonly RecordedEvent[],
  look: Pick<Absence, 'now' | 'sweptAt'>,
): LastKnown => {
  const { name, sizeGiB, type, availabilityZone, traits } = disk;
  const hasSnapshots = snapshotsOf(disk).length + foreignSnapshotsOf(disk).length > 0;
  return {
    ...{ name, sizeGiB, type, availabilityZone },
    servers: traits.attachments.map(({ serverId }) => serverId),
    recreatable: !mayHaveBegunFilled(disk) && !hasSnapshots,
    ...absenceOf(events, { ...look, told, missed, isMissed: isMissing(disk) }),
  };
};
