import { setTimeout as pause } from 'node:timers/promises';
import { CloudSilent, type DiskCloud } from '@strata/cloud';
import type { WorkerConfig } from '@strata/config';
import { catalogueKinds, type SweepReport } from '@strata/disks';
import { everything, type EventStore, type QuotaLedger, type ViewCursor, type ViewStore } from '@strata/event-store';
import { charged, BindingId, Dimension } from '@strata/kernel';
import { WORKER_ACTOR } from '@strata/operations';
import { bindingsView, recordCloudQuota } from '@strata/projects';
import type { PostgresLeases, Turn } from '@strata/queue/postgres';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Clouds } from './clouds.js';
import { forgetUnused } from './flow/forget-unused.js';
import { keepCatalogue } from './keep-catalogue.js';

export interface ObserverPorts {
  readonly store: EventStore;
  readonly views: ViewStore;
  /** With a turn only over what is hot. */
  readonly sweep: (cloud: DiskCloud, bindingId: string, hot?: Turn) => Promise<SweepReport>;
  readonly ledger: QuotaLedger;
  readonly pool: Pool;
  readonly leases: PostgresLeases;
  readonly clouds: Pick<Clouds, 'of'>;
  readonly settings: WorkerConfig['cloud'];
  readonly logger: Logger;
}

const pageSize = 500;
/** How often a worker asks whether something is due for a binding; what is due is decided by leases. In ms. */
const roundMs = 5_000;
/** The cloud's quota and catalogue change rarely, and a refusal by the cloud is recorded anyhow. In ms. */
const figuresEveryMs = 60_000;
const unusedEveryMs = 24 * 3_600_000;

/** Looks after each binding: what it grants, what it offers, and whether its disks are those of the log. */
export class CloudObserver {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly ports: ObserverPorts) {}

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.round().catch((error: unknown) => {
        // What a stop breaks off is no fault.
        if (!signal.aborted) this.ports.logger.error({ err: error }, 'looking after bindings failed');
      });
      // An abort ends the pause early, which is no fault.
      await pause(roundMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async round(): Promise<void> {
    const { leases, settings } = this.ports;
    for await (const bindingId of this.bindingIds()) {
      if (this.stopping.signal.aborted) return;
      if (await leases.claim(`figures ${bindingId}`, figuresEveryMs))
        await this.tended(bindingId, (cloud) => this.lookAtFigures(bindingId, cloud));
      if (await leases.claim(`sweep ${bindingId}`, settings.sweepIntervalMs))
        await this.tended(bindingId, (cloud) => this.sweep(bindingId, cloud));
      const hot = await leases.turn(`hot sweep ${bindingId}`, settings.hotSweepIntervalMs);
      if (hot) await this.tended(bindingId, (cloud) => this.sweep(bindingId, cloud, hot));
    }
    if (await leases.claim('unused clouds', unusedEveryMs)) await forgetUnused(this.ports.pool);
  }

  private async *bindingIds(): AsyncGenerator<BindingId> {
    const sort = { by: 'createdAt', direction: 'asc' } as const;
    let after: ViewCursor | undefined;
    do {
      const listing = { view: bindingsView, sight: everything, sort, after, limit: pageSize };
      const page = await this.ports.views.list(listing);
      for (const { key } of page.rows) yield BindingId.parse(key);
      after = page.next ?? undefined;
    } while (after !== undefined);
  }

  private async tended(bindingId: BindingId, tend: (cloud: DiskCloud) => Promise<void>): Promise<void> {
    const cloud = await this.ports.clouds.of(bindingId);
    if (cloud === undefined) return;
    try {
      await tend(cloud);
    } catch (error) {
      if (!(error instanceof CloudSilent) || this.stopping.signal.aborted) throw error;
      this.ports.logger.warn({ bindingId, why: error.why, fault: error.fault }, 'the cloud did not answer');
    }
  }

  private async lookAtFigures(bindingId: BindingId, cloud: DiskCloud): Promise<void> {
    const { store, ledger, pool } = this.ports;
    const quota = await cloud.quota();
    const [newest] = await ledger.history({ sight: everything, node: bindingId, limit: 1 });
    const ours = new Map(newest?.figures.map((figures) => [figures.dimension, charged(figures)]) ?? []);
    // What we hold may or may not be counted there yet: taken as counted, so that our own work never narrows our room.
    const dimensions = quota.dimensions.flatMap(({ dimension, limit, used }) => {
      const known = Dimension.safeParse(dimension);
      return known.success
        ? [{ dimension: known.data, limit, usedByOthers: Math.max(0, used - (ours.get(known.data) ?? 0)) }]
        : [];
    });
    await recordCloudQuota(store, bindingId, dimensions, { actorId: WORKER_ACTOR });
    await keepCatalogue(pool, bindingId, {
      [catalogueKinds.diskTypes]: await cloud.diskTypes(),
      [catalogueKinds.zones]: await cloud.availabilityZones(),
    });
    // By a service of its own: when it is silent, what came before is kept all the same.
    await keepCatalogue(pool, bindingId, { [catalogueKinds.images]: await cloud.images() });
  }

  private async sweep(bindingId: BindingId, cloud: DiskCloud, hot?: Turn): Promise<void> {
    const report = await this.ports.sweep(cloud, bindingId, hot);
    this.ports.logger.info({ bindingId, ...report }, hot ? 'swept what is hot' : 'swept');
  }
}
