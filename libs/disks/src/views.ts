import type { Projection } from '@strata/event-store';
import { disksView } from './disk-list/disks.projection.js';
import { findingsView } from './findings/findings.projection.js';
import { transfersView } from './transfers/transfers.projection.js';

export const viewsOfDisks: readonly Projection[] = [disksView, findingsView, transfersView];
