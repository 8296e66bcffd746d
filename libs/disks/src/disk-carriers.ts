import type { DiskCloud } from '@strata/cloud';
import type { Carrier } from '@strata/operations';
import type { GivenDisk } from './accept-transfer/given-disk.js';
import { TransferDisk } from './accept-transfer/transfer-disk.carrier.js';
import { AdoptDisk } from './adopt-disk/adopt-disk.carrier.js';
import { AttachDisk } from './attach-disk/attach-disk.carrier.js';
import { ChangeDisk } from './change-disk/change-disk.carrier.js';
import { DeleteDisk } from './delete-disk/delete-disk.carrier.js';
import { DetachDisk } from './detach-disk/detach-disk.carrier.js';
import { ExtendDisk } from './extend-disk/extend-disk.carrier.js';
import { ImageDisk } from './image-disk/image-disk.carrier.js';
import { RefreshDisk } from './refresh-disk/refresh-disk.carrier.js';
import { RecreateDisk } from './recreate-disk/recreate-disk.carrier.js';
import { RemoveStranger } from './remove-stranger/remove-stranger.carrier.js';
import { RetypeDisk } from './retype-disk/retype-disk.carrier.js';
import type { SweepReport } from './sweep-disks/sweep.ports.js';
import { CheckBinding, SweepBinding } from './tend-binding/tend-binding.carriers.js';
import { CreateDisk } from './request-disk/create-disk.carrier.js';

/** For the worker: how each kind is carried out. */
export const diskCarriers = (
  sweep: (cloud: DiskCloud, bindingId: string) => Promise<SweepReport>,
  given: GivenDisk,
): readonly Carrier<DiskCloud>[] => [
  new CreateDisk(),
  new AdoptDisk(),
  new ChangeDisk(),
  new ExtendDisk(),
  new RetypeDisk(),
  new AttachDisk(),
  new DetachDisk(),
  new ImageDisk(),
  new TransferDisk(given),
  new DeleteDisk(),
  new RefreshDisk(),
  new RecreateDisk(),
  new CheckBinding(),
  new SweepBinding(sweep),
  new RemoveStranger(),
];
