import { refuse, type Decision } from '@strata/kernel';
import type { DiskRefusal } from './disk.commands.js';
import type { Doing, KnownDisk } from './disk.js';
import { offered } from './disk.transfer.js';

export const busy = (disk: KnownDisk): Decision<never, DiskRefusal> | null =>
  disk.open === null
    ? offered(disk)
    : refuse({
        type: 'disk-busy',
        blockers: [{ kind: 'operation', id: disk.open.shownAs, reason: `${kindOf[disk.open.doing]} is under way` }],
      });

const kindOf: Record<Doing, string> = {
  create: 'disk.create',
  adopt: 'disk.adopt',
  change: 'disk.update',
  extend: 'disk.extend',
  retype: 'disk.retype',
  attach: 'disk.attach',
  detach: 'disk.detach',
  snapshot: 'snapshot.create',
  'roll-back': 'snapshot.rollback',
  image: 'disk.image',
  transfer: 'disk.transfer',
  delete: 'disk.delete',
  refresh: 'disk.refresh',
  recreate: 'disk.recreate',
};
