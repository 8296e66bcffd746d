import type { Pool } from 'pg';
import type { BindingId, Dimension, Figures, Limit, ProjectId } from '@strata/kernel';
import { everything, type Sight } from '../event-store.js';
import { type LedgerEntry, type LevelFigures, QuotaLedger, type Recount, type Recounted } from '../quota-ledger.js';
import { grantsOf } from './grants.js';
import { LimitGatherer } from './limit-gatherer.js';
import { recountAll, recountNode } from './quota-recount.js';

interface PathRow {
  readonly node: string;
  readonly kind: 'project' | 'binding';
  readonly distance: number;
  readonly visible: boolean;
  readonly dimension: string;
  readonly has_limit: boolean;
  readonly amount: string | null;
  readonly held: string;
  readonly used: string;
  readonly releasing: string;
}

interface HistoryRow {
  readonly at_position: string;
  readonly recorded_at: string;
  readonly dimensions: readonly string[];
  readonly figures: readonly string[];
}

const figuresFrom = (row: { held: string; used: string; releasing: string }): Figures => ({
  held: Number(row.held),
  used: Number(row.used),
  releasing: Number(row.releasing),
});

const levelFrom = (row: PathRow): LevelFigures => ({
  node: row.node,
  nodeKind: row.kind,
  distance: row.distance,
  visible: row.visible,
  dimension: row.dimension,
  limit: row.amount === null ? 'unlimited' : Number(row.amount),
  ...figuresFrom(row),
});

const entryFrom = (row: HistoryRow): LedgerEntry => ({
  position: Number(row.at_position),
  recordedAt: row.recorded_at,
  figures: row.dimensions.map((dimension, index) => ({
    dimension,
    held: Number(row.figures[3 * index]),
    used: Number(row.figures[3 * index + 1]),
    releasing: Number(row.figures[3 * index + 2]),
  })),
});

export class PostgresQuotaLedger extends QuotaLedger {
  private readonly limits: LimitGatherer;

  constructor(private readonly pool: Pool) {
    super();
    this.limits = new LimitGatherer(pool);
  }

  async figures(request: {
    readonly sight: Sight;
    readonly projectId: ProjectId;
    readonly upTo?: number | undefined;
  }): Promise<readonly LevelFigures[]> {
    const { rows } = await this.pool.query<PathRow>({
      name: 'quota_path',
      text: 'select * from quota_path($1, $2, $3, $4)',
      values: [...grantsOf(request.sight), request.projectId, request.upTo],
    });
    return rows.map(levelFrom);
  }

  path(projectId: ProjectId, upTo?: number): Promise<readonly LevelFigures[]> {
    return this.figures({ sight: everything, projectId, upTo });
  }

  leastLimit(projectId: ProjectId, dimension: Dimension): Promise<Limit> {
    return this.limits.least(projectId, dimension);
  }

  async history(request: {
    readonly sight: Sight;
    readonly node: ProjectId | BindingId;
    readonly before?: number | undefined;
    readonly limit: number;
  }): Promise<readonly LedgerEntry[]> {
    const { sight, node, before = Number.MAX_SAFE_INTEGER, limit } = request;
    const { rows } = await this.pool.query<HistoryRow>({
      name: 'quota_history',
      text: 'select * from quota_history($1, $2, $3, $4, $5)',
      values: [...grantsOf(sight), node, before, limit],
    });
    return rows.map(entryFrom);
  }

  proof(request: {
    readonly node: ProjectId | BindingId;
    readonly upTo?: number | undefined;
  }): Promise<{ readonly position: number; readonly dimensions: readonly Recounted[] }> {
    return recountNode(this.pool, request.node, request.upTo);
  }

  recount(upTo?: number): Promise<Recount> {
    return recountAll(this.pool, upTo);
  }
}
