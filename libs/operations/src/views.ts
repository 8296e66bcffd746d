import type { Projection } from '@strata/event-store';
import { operationsView } from './operation-list/operations.projection.js';
import { pausesView } from './pauses/pauses.projection.js';

export const viewsOfOperations: readonly Projection[] = [operationsView, pausesView];
