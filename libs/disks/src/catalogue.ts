import { defineEvents } from '@strata/event-store';
import { diskEventSchemas } from './disk/index.js';

export const diskEvents = defineEvents({
  category: 'disk',
  types: Object.fromEntries(Object.entries(diskEventSchemas).map(([type, versions]) => [type, { versions }])),
});
