import { accept, alikeFaults, refuse, unreachable, type Decision } from '@strata/kernel';
import { snapshotCharges } from './snapshot.charges.js';
import type { SnapshotCommand, SnapshotRefusal } from './snapshot.commands.js';
import { snapshotEvent, type SnapshotChange, type SnapshotEvent } from './snapshot.events.js';
import { isPresent, type CloudKnownSnapshot, type Doing, type KnownSnapshot, type Snapshot } from './snapshot.js';
import { isOfBackups } from './snapshot.names.js';
import { allowedActions, isStuck, statusOf } from './snapshot.status.js';

type Decided = Decision<SnapshotEvent, SnapshotRefusal>;
type On<Type extends SnapshotCommand['type']> = Extract<SnapshotCommand, { type: Type }>;

/** What users ask of a snapshot that is there. */
export type UserRequest = Exclude<Extract<SnapshotCommand, { type: `Request${string}` }>, { type: 'RequestSnapshot' }>;

const kindOf: Record<Doing, string> = {
  create: 'snapshot.create',
  change: 'snapshot.update',
  'roll-back': 'snapshot.rollback',
  delete: 'snapshot.delete',
};

const busy = ({ open }: KnownSnapshot): Decision<never, SnapshotRefusal> | undefined =>
  open === null
    ? undefined
    : refuse({
        type: 'snapshot-busy',
        blockers: [{ kind: 'operation', id: open.shownAs, reason: `${kindOf[open.doing]} is under way` }],
      });

const inUse = ({ uses }: KnownSnapshot): Decision<never, SnapshotRefusal> | undefined =>
  uses.length === 0
    ? undefined
    : refuse({
        type: 'snapshot-in-use',
        blockers: uses.map(({ diskId: id }) => ({ kind: 'disk', id, reason: 'is being made from the snapshot' })),
      });

const stuck = (snapshot: CloudKnownSnapshot): Decision<never, SnapshotRefusal> | undefined =>
  isStuck(snapshot)
    ? refuse({
        type: 'snapshot-stuck',
        blockers: [{ kind: 'snapshot', id: snapshot.snapshotId, reason: 'only the vendor of the cloud can mend it' }],
      })
    : undefined;

const notReady = (snapshot: Snapshot): Decision<never, SnapshotRefusal> =>
  refuse({ type: 'snapshot-not-ready', snapshotStatus: statusOf(snapshot), allowed: allowedActions(snapshot) });

export const requestSnapshot = ({ type: _type, work, ...wanted }: On<'RequestSnapshot'>): Decided =>
  accept<SnapshotEvent>(
    snapshotEvent('SnapshotRequested', { ...work, ...wanted }, snapshotCharges.hold(wanted.extent)),
  );

const changes = (snapshot: KnownSnapshot, { name, description, metadata = {} }: SnapshotChange): boolean =>
  (name !== undefined && name !== snapshot.name) ||
  (description !== undefined && description !== snapshot.description) ||
  Object.entries(metadata).some(
    ([key, value]) => (Object.hasOwn(snapshot.metadata, key) ? snapshot.metadata[key] : null) !== value,
  );

const requestChange = ({ change, work }: On<'RequestChange'>, snapshot: KnownSnapshot): Decided => {
  if (!allowedActions(snapshot).includes('update')) return notReady(snapshot);
  const errors = alikeFaults('metadata', snapshot.metadata, change.metadata);
  if (errors.length > 0) return refuse({ type: 'invalid-request', errors });
  if (!changes(snapshot, change)) return accept<SnapshotEvent>();
  return accept<SnapshotEvent>(snapshotEvent('SnapshotChangeRequested', { ...work, change }));
};

/** What has nothing in the cloud is gone at once. */
const requestDeletion = ({ work }: On<'RequestDeletion'>, snapshot: KnownSnapshot): Decided => {
  if (snapshot.life === 'requested')
    return accept<SnapshotEvent>(
      snapshotEvent('SnapshotDeletionRequested', work),
      snapshotEvent('SnapshotDeleted', { operationId: work.operationId }),
    );
  const charges = snapshotCharges.release(snapshot.extent);
  const blocked = inUse(snapshot) ?? stuck(snapshot);
  return blocked ?? accept<SnapshotEvent>(snapshotEvent('SnapshotDeletionRequested', work, charges));
};

const requestRollback = ({ work }: On<'RequestRollback'>, snapshot: KnownSnapshot): Decided => {
  const used = inUse(snapshot);
  if (used) return used;
  if (!allowedActions(snapshot).includes('roll-back')) return notReady(snapshot);
  return accept<SnapshotEvent>(snapshotEvent('SnapshotRollbackRequested', work));
};

const requestAgain = ({ work, extent }: On<'RequestAgain'>, snapshot: KnownSnapshot): Decided =>
  snapshot.life === 'requested'
    ? accept<SnapshotEvent>(snapshotEvent('SnapshotRequestedAgain', { ...work, extent }, snapshotCharges.hold(extent)))
    : notReady(snapshot);

/** At least as large, and of the type and in the zone of the disk that it was taken of (EVS reference §1.4). */
const misfits = ({ wanted }: On<'RequestUse'>, { name, extent }: CloudKnownSnapshot) => [
  ...(isOfBackups(name)
    ? [{ pointer: '/source/snapshotId', detail: 'must not be one that a backup left for itself' }]
    : []),
  ...(wanted.sizeGiB < extent.sizeGiB
    ? [{ pointer: '/sizeGiB', detail: `must be at least ${extent.sizeGiB}, the size of the snapshot` }]
    : []),
  ...(wanted.type === extent.type
    ? []
    : [{ pointer: '/type', detail: `must be ${extent.type}, the type of the disk that the snapshot was taken of` }]),
  ...(wanted.availabilityZone === extent.availabilityZone
    ? []
    : [{ pointer: '/availabilityZone', detail: `must be ${extent.availabilityZone}, the zone of the snapshot` }]),
];

const requestUse = (command: On<'RequestUse'>, snapshot: KnownSnapshot): Decided => {
  if (snapshot.life !== 'in-cloud' || snapshot.condition !== 'available') return notReady(snapshot);
  const errors = misfits(command, snapshot);
  const { sizeGiB: leastGiB, type: diskType, availabilityZone } = snapshot.extent;
  if (errors.length > 0) return refuse({ type: 'snapshot-does-not-fit', leastGiB, diskType, availabilityZone, errors });
  const { operationId, diskId } = command;
  return accept<SnapshotEvent>(snapshotEvent('SnapshotUsed', { operationId, diskId }));
};

/** Requests of users: the snapshot must be there and free. */
export const request = (command: UserRequest, snapshot: Snapshot): Decided => {
  if (!isPresent(snapshot)) return refuse({ type: 'not-found' });
  const taken = busy(snapshot);
  if (taken) return taken;
  switch (command.type) {
    case 'RequestAgain':
      return requestAgain(command, snapshot);
    case 'RequestChange':
      return requestChange(command, snapshot);
    case 'RequestDeletion':
      return requestDeletion(command, snapshot);
    case 'RequestRollback':
      return requestRollback(command, snapshot);
    case 'RequestUse':
      return requestUse(command, snapshot);
    default:
      return unreachable(command);
  }
};
