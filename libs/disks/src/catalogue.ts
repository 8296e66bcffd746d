import { defineEvents } from '@strata/event-store';
import { diskEventSchemas } from './disk/index.js';
import { findingEventSchemas } from './finding/index.js';
import { transferEventSchemas } from './transfer/index.js';

export const diskEvents = defineEvents({
  category: 'disk',
  types: Object.fromEntries(Object.entries(diskEventSchemas).map(([type, versions]) => [type, { versions }])),
});

export const findingEvents = defineEvents({
  category: 'finding',
  types: Object.fromEntries(Object.entries(findingEventSchemas).map(([type, versions]) => [type, { versions }])),
});

export const transferEvents = defineEvents({
  category: 'transfer',
  types: Object.fromEntries(Object.entries(transferEventSchemas).map(([type, versions]) => [type, { versions }])),
});

/** All that this feature writes. */
export const cataloguesOfDisks = [diskEvents, findingEvents, transferEvents];
