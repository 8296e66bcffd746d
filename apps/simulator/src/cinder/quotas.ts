import type { Cloud } from '../cloud.js';
import type { Route } from '../http/call.js';
import { refuse } from '../http/refusal.js';
import type { CloudProject } from '../world/cloud-project.js';
import type { World } from '../world/world.js';

/** Quota and usage of the caller's project (C10; EVS reference §3). */
export const quotaRoutes = ({ world }: Cloud): readonly Route[] => [
  {
    operation: 'quotas.get',
    method: 'GET',
    paths: ['/v2/:projectId/os-quota-sets/:targetProjectId'],
    surface: 'cinder',
    handle: ({ projectId, params, query }) => {
      if (params['targetProjectId'] !== projectId) return refuse('EVS.5400', 'the project must be the own one');
      if (query['usage']?.toLowerCase() !== 'true') return refuse('EVS.5400', 'only usage=true is supported');
      const project = world.projects.get(projectId);
      if (!project) return refuse('EVS.0001');
      return { status: 200, body: { quota_set: { id: projectId, ...quotaSet(world, project) } } };
    },
  },
];

const totals = ['volumes', 'snapshots', 'gigabytes', 'per_volume_gigabytes', 'backups', 'backup_gigabytes'] as const;

/** What a quota may set a limit for. */
export const quotaKeys = (world: World): readonly string[] => [
  ...totals,
  ...world.types.flatMap(({ name }) => [`volumes_${name}`, `gigabytes_${name}`, `snapshots_${name}`]),
];

/** Every key of the quota with `reserved`, `limit` (−1: unlimited) and `in_use`. */
export const quotaSet = (world: World, { ledger }: CloudProject) =>
  Object.fromEntries(
    quotaKeys(world).map((key) => {
      const { reserved, inUse } = ledger.of(key);
      return [key, { reserved, limit: ledger.limit(key), in_use: inUse }];
    }),
  );
