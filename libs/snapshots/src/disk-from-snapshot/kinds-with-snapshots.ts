import type { KindRules } from '@strata/operations';
import { snapshotKinds } from '../snapshot-kinds.js';

/** Everything that can be under way with disks and snapshots. */
export const kindsWithSnapshots = (disks: readonly KindRules[]): readonly KindRules[] => [...disks, ...snapshotKinds];
