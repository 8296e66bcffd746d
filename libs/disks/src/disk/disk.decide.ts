import { accept, type Decision } from '@strata/kernel';
import { diskCharges } from './disk.charges.js';
import type { DiskCommand, DiskRefusal } from './disk.commands.js';
import { diskEvent, type DiskEvent } from './disk.events.js';
import { isPresent, type Disk } from './disk.js';
import { record, recordSeen } from './disk.reports.js';
import { labelsRefusal, request } from './disk.requests.js';

export const decideDisk = (command: DiskCommand, disk: Disk): Decision<DiskEvent, DiskRefusal> => {
  switch (command.type) {
    case 'RequestDisk': {
      if (disk.life !== 'absent') return accept<DiskEvent>();
      const { diskId, projectId, bindingId, spec, work } = command;
      const tooMuch = labelsRefusal(spec.tags, spec.metadata);
      if (tooMuch) return tooMuch;
      const requested = { ...work, diskId, projectId, bindingId, spec };
      return accept<DiskEvent>(diskEvent('DiskRequested', requested, diskCharges.hold(spec)));
    }
    case 'RecordSeen':
      return isPresent(disk) ? recordSeen(command, disk) : accept<DiskEvent>();
    case 'RequestAgain':
    case 'RequestChange':
    case 'RequestExtension':
    case 'RequestDeletion':
    case 'RequestRefresh':
      return request(command, disk);
    default:
      return record(command, disk);
  }
};
