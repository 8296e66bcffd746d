import { defineEvents } from '@strata/event-store';
import { snapshotEventSchemas } from './snapshot/index.js';

export const snapshotEvents = defineEvents({
  category: 'snapshot',
  types: Object.fromEntries(Object.entries(snapshotEventSchemas).map(([type, versions]) => [type, { versions }])),
});

/** All that this feature writes. */
export const cataloguesOfSnapshots = [snapshotEvents];
