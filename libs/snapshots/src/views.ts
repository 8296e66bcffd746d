import type { Projection } from '@strata/event-store';
import { snapshotsView } from './snapshot-list/snapshots.projection.js';

export const viewsOfSnapshots: readonly Projection[] = [snapshotsView];
