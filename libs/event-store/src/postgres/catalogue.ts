import type { JsonValue } from '@strata/kernel';
import type pg from 'pg';

/** What a cloud offers, of one kind, as it was last fetched. `fetchedAt` is RFC 3339 UTC. */
export interface CatalogueEntry {
  readonly kind: string;
  readonly items: JsonValue;
  readonly fetchedAt: string;
}

/** What workers fetched from the clouds of bindings. No part of the log: only the newest is kept. */
export class PostgresCatalogue {
  constructor(private readonly pool: Pick<pg.Pool, 'query'>) {}

  /** Empty when nothing was fetched yet. */
  async latest(bindingId: string): Promise<readonly CatalogueEntry[]> {
    const { rows } = await this.pool.query<{ kind: string; items: JsonValue; fetched_at: Date }>({
      name: 'catalogue_latest',
      text: 'select kind, items, fetched_at from catalogue where binding_id = $1',
      values: [bindingId],
    });
    return rows.map(({ kind, items, fetched_at }) => ({ kind, items, fetchedAt: fetched_at.toISOString() }));
  }
}
