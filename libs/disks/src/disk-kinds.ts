import type { KindRules } from '@strata/operations';
import { changeDiskRules } from './change-disk/change-disk.rules.js';
import { deleteDiskRules } from './delete-disk/delete-disk.rules.js';
import { extendDiskRules } from './extend-disk/extend-disk.rules.js';
import { refreshDiskRules } from './refresh-disk/refresh-disk.rules.js';
import { createDiskRules } from './request-disk/create-disk.rules.js';
import { checkBindingRules, sweepBindingRules } from './tend-binding/tend-binding.rules.js';

/** Everything that can be under way with a disk, or with a binding as a whole. */
export const diskKinds: readonly KindRules[] = [
  createDiskRules,
  changeDiskRules,
  extendDiskRules,
  deleteDiskRules,
  refreshDiskRules,
  checkBindingRules,
  sweepBindingRules,
];
