import type { Pool } from 'pg';
import { randomUUID } from 'node:crypto';

/** Who does what only one needs to do. Saves work; nothing may depend on being alone for its safety. */
export class PostgresLeases {
  private readonly holder = randomUUID();

  constructor(private readonly pool: Pool) {}

  /**
   * True for one asker per period, over all processes: what is to be done every `periodMs` is done by whoever claims it first.
   * One that dies over it is made up for in the next period.
   */
  async claim(name: string, periodMs: number): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `insert into leases as held (name, holder, epoch, until) values ($1, $2, 1, now() + $3::int * interval '1 millisecond')
       on conflict (name) do update set holder = excluded.holder, until = excluded.until, epoch = held.epoch + 1
        where held.until <= now()`,
      [name, this.holder, periodMs],
    );
    return rowCount === 1;
  }
}
