import { accept, type Decision } from '@strata/kernel';
import { requestAdoption } from './disk.adoption.js';
import type { DiskCommand, DiskRefusal } from './disk.commands.js';
import { decideDeletionLock } from './disk.deletion-lock.js';
import type { DiskEvent } from './disk.events.js';
import { isPresent, type Disk } from './disk.js';
import { record, recordSeen } from './disk.reports.js';
import { request, requestDisk, type UserRequest } from './disk.requests.js';
import { isSnapshotSighted, recordSnapshotSighted } from './disk.snapshot-sightings.js';
import { recordSnapshotStayed, requestSnapshotDeletion } from './disk.snapshots.js';
import { beginHandover, completeHandover, endOffer, receive } from './disk.transfer.js';

const isRequest = (command: DiskCommand): command is UserRequest => command.type.startsWith('Request');

export const decideDisk = (command: DiskCommand, disk: Disk): Decision<DiskEvent, DiskRefusal> => {
  if (command.type === 'RequestDisk') return disk.life === 'absent' ? requestDisk(command) : accept<DiskEvent>();
  if (command.type === 'RequestAdoption') return requestAdoption(command, disk);
  if (command.type === 'RecordSeen') return isPresent(disk) ? recordSeen(command, disk) : accept<DiskEvent>();
  if (command.type === 'RequestSnapshotDeletion') return requestSnapshotDeletion(command, disk);
  if (command.type === 'RecordSnapshotStayed') return recordSnapshotStayed(command, disk);
  if (command.type === 'LockDeletion' || command.type === 'UnlockDeletion') return decideDeletionLock(command, disk);
  if (isSnapshotSighted(command)) return recordSnapshotSighted(command, disk);
  if (command.type === 'EndOffer') return endOffer(command, disk);
  if (command.type === 'Receive') return receive(command, disk);
  if (command.type === 'BeginHandover') return beginHandover(command, disk);
  if (command.type === 'CompleteHandover') return completeHandover(command, disk);
  return isRequest(command) ? request(command, disk) : record(command, disk);
};
