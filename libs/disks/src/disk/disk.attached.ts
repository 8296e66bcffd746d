import { refuse, type Decision } from '@strata/kernel';
import type { DiskRefusal } from './disk.commands.js';
import type { CloudKnownDisk, Disk, KnownDisk } from './disk.js';

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

type Attachments = CloudKnownDisk['traits']['attachments'];

/** Attached to the others as before, and to this server as `change` says. */
export const attachedTo = (disk: KnownDisk, change: (others: Attachments) => Attachments, serverId: string): Disk => {
  if (disk.life !== 'in-cloud') return disk;
  const attachments = change(disk.traits.attachments.filter((attachment) => attachment.serverId !== serverId));
  const condition = attachments.length > 0 ? 'in-use' : 'available';
  return { ...disk, condition, cloudStatus: condition, traits: { ...disk.traits, attachments }, open: null };
};
