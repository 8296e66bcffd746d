import { refuse, type Decision } from '@strata/kernel';
import type { DiskRefusal } from './disk.commands.js';
import type { Disk } from './disk.js';
import { allowedActions, statusOf } from './disk.status.js';

export const notReady = (disk: Disk): Decision<never, DiskRefusal> =>
  refuse({ type: 'disk-not-ready', diskStatus: statusOf(disk), allowed: allowedActions(disk) });
