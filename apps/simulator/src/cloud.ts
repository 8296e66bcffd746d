import type { FaultSet } from './faults/fault-set.js';
import type { Readings } from './readings.js';
import type { World } from './world/world.js';

/** How long things take; a matter of this process, not of the world. */
export interface Latency {
  jobMs: number;
  requestMs: number;
}

/** What every group of calls works with. */
export interface Cloud {
  readonly world: World;
  readonly faults: FaultSet;
  readonly latency: Latency;
  readonly readings: Readings;
}
