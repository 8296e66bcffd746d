import { accept, type Decision } from '@strata/kernel';
import { snapshotCharges } from './snapshot.charges.js';
import type { SnapshotCommand, SnapshotRefusal } from './snapshot.commands.js';
import { snapshotEvent, type SnapshotEvent, type SnapshotSighting } from './snapshot.events.js';
import { cloudStatusOf, isPresent, type CloudKnownSnapshot, type Snapshot } from './snapshot.js';

type Decided = Decision<SnapshotEvent, SnapshotRefusal>;

/** The same facts in another order of members are not news. */
const differs = (snapshot: CloudKnownSnapshot, sighting: SnapshotSighting): boolean => {
  const comparable = ({ name, description, metadata, ...state }: Omit<SnapshotSighting, 'cloudId'>) => {
    const labels = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify([state.condition, cloudStatusOf(state), name, description, labels]);
  };
  return comparable(snapshot) !== comparable(sighting);
};

/**
 * What a sweep saw of the snapshot. While something works on it only its own report counts. What is gone is charged no more;
 * should it come back, it is charged again.
 */
export const recordSeen = (
  { sighting }: Extract<SnapshotCommand, { type: 'RecordSeen' }>,
  snapshot: Snapshot,
): Decided => {
  if (!isPresent(snapshot) || snapshot.open !== null) return accept<SnapshotEvent>();
  const { extent } = snapshot;
  if (snapshot.life === 'in-cloud') {
    if (sighting === null)
      return accept<SnapshotEvent>(snapshotEvent('SnapshotFoundMissing', {}, snapshotCharges.vanish(extent)));
    return differs(snapshot, sighting)
      ? accept<SnapshotEvent>(snapshotEvent('SnapshotObserved', { sighting }))
      : accept<SnapshotEvent>();
  }
  return sighting !== null && sighting.cloudId === snapshot.lostId
    ? accept<SnapshotEvent>(snapshotEvent('SnapshotObserved', { sighting }, snapshotCharges.appear(extent)))
    : accept<SnapshotEvent>();
};
