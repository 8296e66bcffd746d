import type { DiskCloud } from '@strata/cloud';
import { disksView, findingsView, sweepDisks, type SweepReport } from '@strata/disks';
import type { EventStore, ViewStore } from '@strata/event-store';
import type { Turn } from '@strata/queue/postgres';
import { snapshotsView, sweepSnapshots } from '@strata/snapshots';
import { RequestBudget } from './request-budget.js';
import { disksByCloudId, hotDisksOf, sweptDisksOf } from './swept-disks.js';
import { sweptFindingsOf } from './swept-findings.js';
import { sweptSnapshotsOf } from './swept-snapshots.js';

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
  /** As long may a list of the cloud be behind; absent: it is not. */
  readonly visibilityMs?: number;
  /** Aborted when the worker stops. */
  readonly signal: AbortSignal;
  /** Keeps when a sweep began that has ended (RFC 3339), and its figures: what it saw may be as old. */
  readonly keep: (bindingId: string, report: SweepReport, beganAt: string) => Promise<void>;
  /** When the last one over all of a binding that ended had begun; absent: not known. */
  readonly sweptAt?: (bindingId: string) => Promise<string | null>;
  readonly nowMs?: () => number;
}

/** Sweeps, whoever asks for them: the clock or an operation. With a turn only over what is hot, else over all. */
export const sweeping =
  ({
    store,
    views,
    requestsPerSecond,
    requestTimeoutMs,
    visibilityMs = 0,
    signal,
    nowMs = Date.now,
    keep,
    sweptAt,
  }: SweepingPorts) =>
  async (cloud: DiskCloud, bindingId: string, hot?: Turn): Promise<SweepReport> => {
    const beganAt = new Date(nowMs()).toISOString();
    const budget = new RequestBudget(requestsPerSecond * sweepShare, () => performance.now());
    const { position } = await store.head();
    for (const { name } of [disksView, snapshotsView, findingsView])
      await views.waitFor(name, position, viewPatienceMs, signal);
    const common = {
      ...{ store, requestTimeoutMs, visibilityMs },
      findingsOf: (id: string) => sweptFindingsOf(views, findingsView, id),
      budget: () => budget.turn(signal),
      now: () => new Date(nowMs()).toISOString(),
      ...(sweptAt && { sweptAt }),
    };
    const disks = await sweepDisks(
      {
        ...{ ...common, cloud },
        disksOf: (id) => sweptDisksOf(views, disksView, id),
        disksByCloudId: (cloudIds) => disksByCloudId(views, disksView, cloudIds),
      },
      bindingId,
      hot && { hot: (withFindings) => hotDisksOf(views, disksView, bindingId, withFindings, hot) },
    );
    // Of snapshots no cloud tells many at once but by its whole list.
    if (hot) return { ...disks, snapshots: null };
    const snapshots =
      cloud.snapshots === null
        ? null
        : await sweepSnapshots(
            {
              ...{ ...common, snapshots: cloud.snapshots },
              snapshotsOf: (id) => sweptSnapshotsOf(views, snapshotsView, id),
              disksByCloudId: async (id, cloudIds) =>
                (await disksByCloudId(views, disksView, cloudIds)).filter((disk) => disk.bindingId === id),
            },
            bindingId,
          );
    const report = { ...disks, findings: disks.findings + (snapshots?.findings ?? 0), snapshots };
    await keep(bindingId, report, beganAt);
    return report;
  };
