import { accept, type Decision } from '@strata/kernel';
import type { SnapshotCommand, SnapshotRefusal } from './snapshot.commands.js';
import type { SnapshotEvent } from './snapshot.events.js';
import type { Snapshot } from './snapshot.js';
import { record } from './snapshot.reports.js';
import { request, requestSnapshot, type UserRequest } from './snapshot.requests.js';
import { recordSeen } from './snapshot.sightings.js';

const isRequest = (command: SnapshotCommand): command is UserRequest => command.type.startsWith('Request');

export const decideSnapshot = (
  command: SnapshotCommand,
  snapshot: Snapshot,
): Decision<SnapshotEvent, SnapshotRefusal> => {
  if (command.type === 'RequestSnapshot')
    return snapshot.life === 'absent' ? requestSnapshot(command) : accept<SnapshotEvent>();
  if (command.type === 'RecordSeen') return recordSeen(command, snapshot);
  return isRequest(command) ? request(command, snapshot) : record(command, snapshot);
};
