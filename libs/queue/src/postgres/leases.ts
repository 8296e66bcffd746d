import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';

/** Who does what only one needs to do. Saves work; nothing may depend on being alone for its safety. */
export class PostgresLeases {
  private readonly holder = randomUUID();

  constructor(private readonly pool: Pool) {}

  /** True when the lease is this process's until `forMs` from now; asked again by its holder it is renewed. */
  async take(name: string, forMs: number): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `insert into leases as held (name, holder, epoch, until) values ($1, $2, 1, now() + $3::int * interval '1 millisecond')
       on conflict (name) do update set holder = excluded.holder, until = excluded.until,
              epoch = held.epoch + case when held.holder = excluded.holder then 0 else 1 end
        where held.holder = excluded.holder or held.until < now()`,
      [name, this.holder, forMs],
    );
    return rowCount === 1;
  }
}
