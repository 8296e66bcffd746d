import type { KindRules } from '@strata/operations';
import { snapshotKinds } from '../snapshot-kinds.js';
import { endingItsUse } from './ending-its-use.js';

/** Everything that can be under way with disks and snapshots; making a disk may use a snapshot. */
export const kindsWithSnapshots = (disks: readonly KindRules[]): readonly KindRules[] => [
  ...disks.map((rules) => (rules.kind === 'disk.create' ? endingItsUse(rules) : rules)),
  ...snapshotKinds,
];
