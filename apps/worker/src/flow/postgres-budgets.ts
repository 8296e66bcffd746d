import type { Pool } from 'pg';
import type { Grant, Line, SharedBudgets } from './shared-budget.js';

/** What a bucket holds when it is full, of one second. At least two, so that a reserve leaves something. */
const burstSeconds = 0.25;
const leastPerSecond = 1;
/** By which `cloud_used` fades. */
const usedOverSeconds = '5.0';
/** Requests under way are all told at once: halved once a second at most. */
const slowedOncePer = `interval '1 second'`;

/** Slowly back to what is configured, see the migration. */
const rateNow = 'cloud_rate(configured, rate, slowed_at)';

/** One row for each budget, changed a few times a second by each worker that has something to send. */
export class PostgresBudgets implements SharedBudgets {
  constructor(
    private readonly pool: Pool,
    /** In requests per second, over all workers. */
    private readonly configured: number,
  ) {}

  async take({ endpoint, credential }: Line, wanted: number, reserve: number): Promise<Grant> {
    const values = [endpoint, credential, this.configured, wanted, reserve];
    const { rows } = await this.pool.query<Grant>({ name: 'take-turns', text: takeSql, values });
    const [granted] = rows;
    if (granted !== undefined) return granted;
    await this.pool.query(
      `insert into cloud_budgets (endpoint, credential, configured, rate, tokens, filled_at)
       values ($1, $2, $3, $3, greatest(2, $3::float8 * ${burstSeconds}), now()) on conflict do nothing`,
      [endpoint, credential, this.configured],
    );
    return this.take({ endpoint, credential }, wanted, reserve);
  }

  /** The bucket does not get them back: others may have taken in their place what has come in since. */
  async giveUp({ endpoint, credential }: Line, unused: number): Promise<void> {
    await this.pool.query({
      name: 'give-up-turns',
      text: `update cloud_budgets set used = greatest(0, used - $3::int / ${usedOverSeconds}) where endpoint = $1 and credential = $2`,
      values: [endpoint, credential, unused],
    });
  }

  async slowDown({ endpoint, credential }: Line): Promise<void> {
    await this.pool.query({
      name: 'slow-down',
      text: `update cloud_budgets
                set throttled = throttled + 1,
                    tokens = case when slowed_at < now() - ${slowedOncePer} then 0 else tokens end,
                    rate = case when slowed_at < now() - ${slowedOncePer}
                                then greatest(${leastPerSecond}, ${rateNow} / 2) else rate end,
                    slowed_at = case when slowed_at < now() - ${slowedOncePer} then now() else slowed_at end
              where endpoint = $1 and credential = $2`,
      values: [endpoint, credential],
    });
  }
}

const takeSql = `
with locked as materialized (
  select * from cloud_budgets where endpoint = $1 and credential = $2 for update
), set_up as materialized (
  select endpoint, credential, $3::float8 as configured, rate, slowed_at, tokens, filled_at, used from locked
), filled as materialized (
  select ${rateNow} as rate, cloud_used(used, filled_at) as used, tokens,
         greatest(0, extract(epoch from clock_timestamp() - filled_at)::float8) as seconds
    from set_up
), bucket as (
  select rate, used, greatest(2, rate * ${burstSeconds}) as burst,
         least(greatest(2, rate * ${burstSeconds}), tokens + rate * seconds) as tokens
    from filled
), given as (
  select rate, used, tokens, greatest(0, least($4::int, floor(tokens - burst * $5::float8)::int)) as turns from bucket
)
update cloud_budgets b
   set configured = $3, tokens = given.tokens - given.turns, filled_at = clock_timestamp(),
       used = given.used + given.turns / ${usedOverSeconds}, granted = b.granted + given.turns
  from given where b.endpoint = $1 and b.credential = $2
returning given.turns, given.rate as "perSecond"`;
