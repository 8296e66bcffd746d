import type { KindRules } from '@strata/operations';
import { changeSnapshotRules } from './change-snapshot/change-snapshot.rules.js';
import { deleteSnapshotRules } from './delete-snapshot/delete-snapshot.rules.js';
import { createSnapshotRules } from './request-snapshot/create-snapshot.rules.js';
import { rollBackSnapshotRules } from './roll-back-snapshot/roll-back-snapshot.rules.js';

/** Everything that can be under way with a snapshot. */
export const snapshotKinds: readonly KindRules[] = [
  createSnapshotRules,
  changeSnapshotRules,
  deleteSnapshotRules,
  rollBackSnapshotRules,
];
