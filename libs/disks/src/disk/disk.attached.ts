import { refuse, type Decision } from '@strata/kernel';
import type { DiskRefusal } from './disk.commands.js';
import type { CloudKnownDisk } from './disk.js';

/** The servers that stand against what is possible with a detached disk only. */
export const attached = ({ traits }: CloudKnownDisk): Decision<never, DiskRefusal> | undefined =>
  traits.attachments.length === 0
    ? undefined
    : refuse({
        type: 'disk-attached',
        blockers: traits.attachments.map(({ serverId: id }) => ({
          kind: 'server',
          id,
          reason: 'the disk is attached to it',
        })),
      });
