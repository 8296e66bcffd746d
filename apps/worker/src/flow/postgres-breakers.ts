import type { Pool } from 'pg';
import type { OpenEndpoint, SharedBreakers } from './breakers.js';

/** A probe that is not told of by then was lost with its worker. In ms. */
const probeLastsMs = 30_000;

/** One second from now, doubled with each probe in a row that was not answered, half a minute at most. */
const nextProbe = (opens: string): string => `now() + least(2 ^ least(${opens}, 5), 30) * interval '1 second'`;

const retryIn = `(extract(epoch from greatest(retry_at, coalesce(probing_until, retry_at)) - now()) * 1000)::float8 as "retryInMs"`;

/** One row for each endpoint that was ever away; changed when it opens, is tried, or closes. */
export class PostgresBreakers implements SharedBreakers {
  constructor(private readonly pool: Pool) {}

  async open(endpoint: string, cause: string): Promise<OpenEndpoint> {
    return this.changed(
      `insert into cloud_endpoints as e (endpoint, state, since, retry_at, cause, opened)
       values ($1, 'open', now(), ${nextProbe('0')}, $2, 1)
       on conflict (endpoint) do update
          set state = 'open', since = case when e.state = 'open' then e.since else now() end,
              retry_at = case when e.state = 'open' then e.retry_at else excluded.retry_at end,
              opened = e.opened + case when e.state = 'open' then 0 else 1 end,
              opens = case when e.state = 'open' then e.opens else 0 end,
              probing_until = case when e.state = 'open' then e.probing_until end, cause = excluded.cause
       returning ${retryIn}`,
      [endpoint, cause],
    );
  }

  async claimProbe(endpoint: string): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `update cloud_endpoints set probing_until = now() + $2::int * interval '1 millisecond'
        where endpoint = $1 and state = 'open' and retry_at <= now() and coalesce(probing_until, retry_at) <= now()`,
      [endpoint, probeLastsMs],
    );
    return rowCount === 1;
  }

  async stillSilent(endpoint: string, cause: string): Promise<OpenEndpoint> {
    return this.changed(
      `update cloud_endpoints
          set opens = opens + 1, probing_until = null, cause = $2,
              retry_at = ${nextProbe('opens + 1')}
        where endpoint = $1 and state = 'open' returning ${retryIn}`,
      [endpoint, cause],
    );
  }

  async close(endpoint: string): Promise<void> {
    await this.pool.query(
      `update cloud_endpoints
          set state = 'closed', since = now(), retry_at = null, probing_until = null, opens = 0, cause = null
        where endpoint = $1 and state = 'open'`,
      [endpoint],
    );
  }

  async stillOpen(endpoints: readonly string[]): Promise<ReadonlyMap<string, OpenEndpoint>> {
    const { rows } = await this.pool.query<OpenEndpoint & { readonly endpoint: string }>(
      `select endpoint, ${retryIn} from cloud_endpoints where endpoint = any($1::text[]) and state = 'open'`,
      [endpoints],
    );
    return new Map(rows.map((row) => [row.endpoint, row]));
  }

  async wake(bindingIds: readonly string[], most: number): Promise<void> {
    await this.pool.query(
      `update operation_schedule s set due_at = now()
         from (select operation_id from operation_schedule
                where binding_id = any($1::uuid[]) and waiting_for = 'cloud' and lease_id is null and due_at > now()
                order by due_at limit $2) w
        where s.operation_id = w.operation_id and s.lease_id is null`,
      [bindingIds, most],
    );
  }

  private async changed(sql: string, values: readonly unknown[]): Promise<OpenEndpoint> {
    const { rows } = await this.pool.query<OpenEndpoint>(sql, [...values]);
    // Another worker has closed it meanwhile: the next look tells.
    return rows[0] ?? { retryInMs: 0 };
  }
}
