import type { Pool } from 'pg';
import { randomUUID } from 'node:crypto';

/** A period in which something is done; by the clock of the database, in ms since the epoch. */
export interface Turn {
  readonly beganMs: number;
  /** When the one before began, whoever had it; null: there was none. */
  readonly previousMs: number | null;
}

/** Who does what only one needs to do. Saves work; nothing may depend on being alone for its safety. */
export class PostgresLeases {
  private readonly holder = randomUUID();

  constructor(private readonly pool: Pool) {}

  /**
   * To one asker per period, over all processes: what is to be done every `periodMs` is done by whoever claims it first. One that
   * dies over it is made up for in the next period. Null for all others. The period is always the same.
   */
  async turn(name: string, periodMs: number): Promise<Turn | null> {
    const { rows } = await this.pool.query<Turn>(
      `with before as (select until from leases where name = $1)
       insert into leases as held (name, holder, epoch, until) values ($1, $2, 1, now() + $3::int * interval '1 millisecond')
       on conflict (name) do update set holder = excluded.holder, until = excluded.until, epoch = held.epoch + 1
        where held.until <= now()
       returning (extract(epoch from now()) * 1000)::float8 as "beganMs",
        (extract(epoch from (select until from before)) * 1000)::float8 - $3::int as "previousMs"`,
      [name, this.holder, periodMs],
    );
    return rows[0] ?? null;
  }

  /** Likewise, where it does not matter when. */
  async claim(name: string, periodMs: number): Promise<boolean> {
    return (await this.turn(name, periodMs)) !== null;
  }
}
