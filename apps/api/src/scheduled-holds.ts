import type { Sight } from '@strata/event-store';
import { everything } from '@strata/event-store';
import type { PauseId } from '@strata/kernel';
import { HeldOperations, type HeldPage } from '@strata/operations';
import type pg from 'pg';

/** What the schedule says of held operations. Row-level security holds each page to the caller's sight. */
export class ScheduledHolds extends HeldOperations {
  constructor(private readonly pool: pg.Pool) {
    super();
  }

  /** Who asks has seen the pauses already: their figures count all that they hold. */
  async count(pauseIds: readonly PauseId[]): Promise<ReadonlyMap<string, number>> {
    if (pauseIds.length === 0) return new Map();
    const rows = await this.read<{ held_by: string; held: number }>(
      everything,
      'select held_by, count(*)::int as held from operation_schedule where held_by = any($1::uuid[]) group by held_by',
      [pauseIds],
    );
    return new Map(rows.map(({ held_by: pauseId, held }) => [pauseId, held]));
  }

  async of(pauseId: PauseId, { sight, direction, after, limit }: HeldPage): Promise<readonly string[]> {
    const [comes, order] = direction === 'ascending' ? ['>', 'asc'] : ['<', 'desc'];
    const rows = await this.read<{ operation_id: string }>(
      sight,
      `select operation_id from operation_schedule
        where held_by = $1 and ($2::uuid is null or operation_id ${comes} $2::uuid)
        order by operation_id ${order} limit $3`,
      [pauseId, after ?? null, limit],
    );
    return rows.map(({ operation_id: operationId }) => operationId);
  }

  private async read<Row extends object>(
    sight: Sight,
    sql: string,
    values: readonly unknown[],
  ): Promise<readonly Row[]> {
    const client = await this.pool.connect();
    try {
      await client.query('begin read only');
      const [name, value] = sight.all ? ['strata.sight', 'all'] : ['strata.grants', `{${sight.nodes.join(',')}}`];
      await client.query('select set_config($1, $2, true)', [name, value]);
      const { rows } = await client.query<Row>(sql, [...values]);
      await client.query('commit');
      client.release();
      return rows;
    } catch (fault) {
      // The transaction may still be open on it.
      client.release(true);
      throw fault;
    }
  }
}
