import type { DiskCloud } from '@strata/cloud';
import { disksView, findingsView, sweepDisks, type SweepReport } from '@strata/disks';
import type { EventStore, ViewStore } from '@strata/event-store';
import { RequestBudget } from './request-budget.js';
import { sweptDisksOf } from './swept-disks.js';
import { sweptFindingsOf } from './swept-findings.js';

/** Of the request budget, so that commands come first. */
const sweepShare = 0.2;
/** The views only name candidates: a sweep goes on with what they show by then. In ms. */
const viewPatienceMs = 2_000;

export interface SweepingPorts {
  readonly store: EventStore;
  readonly views: ViewStore;
  /** Of the whole worker towards one cloud. */
  readonly requestsPerSecond: number;
  readonly requestTimeoutMs: number;
  /** Aborted when the worker stops. */
  readonly signal: AbortSignal;
  /** Keeps when a sweep ended, and its figures: what is known of disks that nobody has is as old. */
  readonly keep: (bindingId: string, report: SweepReport) => Promise<void>;
}

/** Sweeps, whoever asks for them: the clock or an operation. */
export const sweeping =
  ({ store, views, requestsPerSecond, requestTimeoutMs, signal, keep }: SweepingPorts) =>
  async (cloud: DiskCloud, bindingId: string): Promise<SweepReport> => {
    const budget = new RequestBudget(requestsPerSecond * sweepShare, () => performance.now());
    const { position } = await store.head();
    for (const { name } of [disksView, findingsView]) await views.waitFor(name, position, viewPatienceMs, signal);
    const report = await sweepDisks(
      {
        store,
        cloud,
        disksOf: (id) => sweptDisksOf(views, disksView, id),
        findingsOf: (id) => sweptFindingsOf(views, findingsView, id),
        budget: () => budget.turn(signal),
        requestTimeoutMs,
        now: () => new Date().toISOString(),
      },
      bindingId,
    );
    await keep(bindingId, report);
    return report;
  };
