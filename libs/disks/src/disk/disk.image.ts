import { accept, type Decision } from '@strata/kernel';
import type { DiskCommand, DiskRefusal } from './disk.commands.js';
import { diskEvent, type DiskEvent } from './disk.events.js';
import type { CloudKnownDisk } from './disk.js';
import { notReady } from './disk.not-ready.js';
import { allowedActions } from './disk.status.js';

/** Also of a disk in use, if its servers are stopped: the cloud judges that (EVS reference §1.5). */
export const requestImage = (
  { name, work }: Extract<DiskCommand, { type: 'RequestImage' }>,
  disk: CloudKnownDisk,
): Decision<DiskEvent, DiskRefusal> =>
  allowedActions(disk).includes('image')
    ? accept<DiskEvent>(diskEvent('DiskImageRequested', { ...work, name }))
    : notReady(disk);
