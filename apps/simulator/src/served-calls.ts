import { FaultSet } from './faults/fault-set.js';
import type { Method } from './http/call.js';
import { DEFAULT_SEED } from './options.js';
import { DEFAULT_READINGS } from './readings.js';
import { surface } from './server.js';
import { World } from './world/world.js';

export interface ServedCall {
  readonly method: Method;
  /** `/v2/:projectId/cloudvolumes`; calls on servers begin with `/ecs`. */
  readonly path: string;
  /** The actions that it knows, where the body names one; none where the path says it all. */
  readonly actions: readonly string[];
}

/** Every call of the cloud that the simulator answers, from the table that it mounts. */
export const servedCalls = (): readonly ServedCall[] => {
  const cloud = {
    world: new World(DEFAULT_SEED, null),
    faults: new FaultSet(),
    latency: { jobMs: 0, requestMs: 0 },
    readings: DEFAULT_READINGS,
  };
  return surface(cloud).flatMap(({ method, paths, actions = [] }) => paths.map((path) => ({ method, path, actions })));
};
