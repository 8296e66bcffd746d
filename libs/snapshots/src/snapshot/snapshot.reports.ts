import { accept, unreachable, type Decision } from '@strata/kernel';
import { snapshotCharges } from './snapshot.charges.js';
import type { SnapshotCommand, SnapshotRefusal } from './snapshot.commands.js';
import { snapshotEvent, type SnapshotEvent, type SnapshotWork } from './snapshot.events.js';
import { isPresent, type Doing, type KnownSnapshot, type Snapshot } from './snapshot.js';

type Decided = Decision<SnapshotEvent, SnapshotRefusal>;
type Report = Exclude<SnapshotCommand, { type: `Request${string}` | 'RecordSeen' }>;
type On<Type extends Report['type']> = Extract<Report, { type: Type }>;

/** What each report is about; a failure is about whatever is under way. */
const about: Readonly<Partial<Record<Report['type'], Doing>>> = {
  RecordTaken: 'create',
  RecordCreationFailed: 'create',
  RecordChanged: 'change',
  RecordDeleted: 'delete',
  RecordRolledBack: 'roll-back',
};

/** The same work, as it is named in events. */
const ofWork = (operationId: string) => ({ operationId: operationId as SnapshotWork['operationId'] });

/** A report counts only while its operation is the one that works on the snapshot; repeated, it is not news. */
export const record = (command: Report, snapshot: Snapshot): Decided => {
  if (!isPresent(snapshot)) return accept<SnapshotEvent>();
  if (command.type === 'RecordUseEnded') return recordUseEnded(command, snapshot);
  const { open } = snapshot;
  if (open === null || open.operationId !== command.operationId) return accept<SnapshotEvent>();
  if (command.type !== 'RecordFailed' && about[command.type] !== open.doing) return accept<SnapshotEvent>();
  return accept<SnapshotEvent>(recorded(command, snapshot, open.doing));
};

const recordUseEnded = ({ operationId }: On<'RecordUseEnded'>, { uses }: KnownSnapshot): Decided =>
  uses.some((use) => use.operationId === operationId)
    ? accept<SnapshotEvent>(snapshotEvent('SnapshotUseEnded', ofWork(operationId)))
    : accept<SnapshotEvent>();

const recorded = (
  command: Exclude<Report, { type: 'RecordUseEnded' }>,
  snapshot: KnownSnapshot,
  doing: Doing,
): SnapshotEvent => {
  const ended = ofWork(command.operationId);
  const { extent } = snapshot;
  switch (command.type) {
    case 'RecordTaken':
      return snapshotEvent('SnapshotTaken', { ...ended, cloudId: command.cloudId }, snapshotCharges.confirm(extent));
    case 'RecordCreationFailed': {
      const { fault, cloudId } = command;
      const charges = cloudId === null ? snapshotCharges.unhold(extent) : snapshotCharges.confirm(extent);
      return snapshotEvent('SnapshotCreationFailed', { ...ended, fault, cloudId }, charges);
    }
    case 'RecordChanged':
      return snapshotEvent('SnapshotChanged', { ...ended, change: command.change });
    case 'RecordDeleted':
      return snapshotEvent('SnapshotDeleted', ended, snapshotCharges.free(extent));
    case 'RecordRolledBack':
      return snapshotEvent('SnapshotRollbackEnded', ended);
    case 'RecordFailed':
      return failed(command, snapshot, doing);
    default:
      return unreachable(command);
  }
};

const failed = (
  { fault, broken, cloudStatus, operationId }: On<'RecordFailed'>,
  { extent }: KnownSnapshot,
  doing: Doing,
) => {
  const ended = ofWork(operationId);
  switch (doing) {
    case 'create':
      return snapshotEvent(
        'SnapshotCreationFailed',
        { ...ended, fault, cloudId: null },
        snapshotCharges.unhold(extent),
      );
    case 'change':
      return snapshotEvent('SnapshotChangeFailed', { ...ended, fault });
    case 'roll-back':
      return snapshotEvent('SnapshotRollbackEnded', ended);
    case 'delete':
      return snapshotEvent(
        'SnapshotDeletionFailed',
        { ...ended, fault, broken, ...(cloudStatus !== undefined && { cloudStatus }) },
        snapshotCharges.keep(extent),
      );
  }
};
