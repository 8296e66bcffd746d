import type { DiskCloud } from '@strata/cloud';
import { disksView, sweepDisks, type SweepReport } from '@strata/disks';
import type { EventStore, ViewStore } from '@strata/event-store';
import { RequestBudget } from './request-budget.js';
import { sweptDisksOf } from './swept-disks.js';

/** Of the request budget, so that commands come first. */
const sweepShare = 0.2;

export interface SweepingPorts {
  readonly store: EventStore;
  readonly views: ViewStore;
  /** Of the whole worker towards one cloud. */
  readonly requestsPerSecond: number;
  readonly requestTimeoutMs: number;
  /** Aborted when the worker stops. */
  readonly signal: AbortSignal;
}

/** Sweeps, whoever asks for them: the clock or an operation. */
export const sweeping =
  ({ store, views, requestsPerSecond, requestTimeoutMs, signal }: SweepingPorts) =>
  (cloud: DiskCloud, bindingId: string): Promise<SweepReport> => {
    const budget = new RequestBudget(requestsPerSecond * sweepShare, () => performance.now());
    const disksOf = (id: string) => sweptDisksOf(views, disksView, id);
    return sweepDisks({ store, cloud, disksOf, budget: () => budget.turn(signal), requestTimeoutMs }, bindingId);
  };
