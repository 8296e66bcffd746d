import type { Cloud } from '../cloud.js';
import type { Call, Route } from '../http/call.js';
import type { Answer } from '../http/envelope.js';
import { refuse, type Refusal } from '../http/refusal.js';
import type { Volume } from '../world/volume.js';

/** Number and size of all disks of the project (C14), since 3.12; their metadata too since 3.36. */
export const summaryRoutes = (cloud: Cloud): readonly Route[] => [
  {
    operation: 'volumes.summary',
    method: 'GET',
    paths: ['/v3/:projectId/volumes/summary'],
    surface: 'cinder',
    handle: (call) => summary(cloud, call),
  },
];

/** Before it was there, its name is read as the id of a disk. */
const summary = ({ world }: Cloud, { projectId, microversion }: Call): Answer | Refusal => {
  const version = microversion ?? 0;
  if (version < 12) return refuse('EVS.5404', 'no such disk');
  const volumes = [...(world.projects.get(projectId)?.disks.newestFirst() ?? [])];
  const figures = {
    total_size: volumes.reduce((sum, { size }) => sum + size, 0),
    total_count: volumes.length,
    ...(version >= 36 && { metadata: valuesByKey(volumes) }),
  };
  return { status: 200, body: { 'volume-summary': figures } };
};

const valuesByKey = (volumes: readonly Volume[]): Readonly<Record<string, readonly string[]>> => {
  const values = new Map<string, Set<string>>();
  for (const { metadata } of volumes)
    for (const [key, value] of Object.entries(metadata)) values.set(key, (values.get(key) ?? new Set()).add(value));
  return Object.fromEntries([...values].map(([key, each]) => [key, [...each]]));
};
