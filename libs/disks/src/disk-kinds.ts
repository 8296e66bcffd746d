import type { KindRules } from '@strata/operations';
import { adoptDiskRules } from './adopt-disk/adopt-disk.rules.js';
import { transferDiskRules } from './accept-transfer/accept-transfer.rules.js';
import { attachDiskRules } from './attach-disk/attach-disk.rules.js';
import { changeDiskRules } from './change-disk/change-disk.rules.js';
import { deleteDiskRules } from './delete-disk/delete-disk.rules.js';
import { detachDiskRules } from './detach-disk/detach-disk.rules.js';
import { extendDiskRules } from './extend-disk/extend-disk.rules.js';
import { imageDiskRules } from './image-disk/image-disk.rules.js';
import { importDisksRules } from './import-disks/import-disks.rules.js';
import { refreshDiskRules } from './refresh-disk/refresh-disk.rules.js';
import { recreateDiskRules } from './recreate-disk/recreate-disk.rules.js';
import { removeStrangerRules } from './remove-stranger/remove-stranger.rules.js';
import { createDiskRules } from './request-disk/create-disk.rules.js';
import { retypeDiskRules } from './retype-disk/retype-disk.rules.js';
import { checkBindingRules, sweepBindingRules } from './tend-binding/tend-binding.rules.js';

/** Everything that can be under way with a disk, with a binding as a whole, or with what is not ours. */
export const diskKinds: readonly KindRules[] = [
  createDiskRules,
  adoptDiskRules,
  changeDiskRules,
  extendDiskRules,
  retypeDiskRules,
  attachDiskRules,
  detachDiskRules,
  imageDiskRules,
  deleteDiskRules,
  refreshDiskRules,
  transferDiskRules,
  recreateDiskRules,
  checkBindingRules,
  sweepBindingRules,
  removeStrangerRules,
  importDisksRules,
];
