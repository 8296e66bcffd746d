import { Catalogue, type CatalogueItems } from '@strata/disks';
import type { BindingId, JsonValue } from '@strata/kernel';
import type pg from 'pg';

/** What workers fetched from each binding's cloud, as they keep it. */
export class KeptCatalogue extends Catalogue {
  constructor(private readonly pool: pg.Pool) {
    super();
  }

  async latest(bindingId: BindingId): Promise<readonly CatalogueItems[]> {
    const { rows } = await this.pool.query<{ kind: string; items: JsonValue; fetched_at: Date }>({
      name: 'kept_catalogue',
      text: 'select kind, items, fetched_at from catalogue where binding_id = $1',
      values: [bindingId],
    });
    return rows.map(({ kind, items, fetched_at }) => ({ kind, items, fetchedAt: fetched_at.toISOString() }));
  }
}
