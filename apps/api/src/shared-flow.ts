import type { BindingId } from '@strata/kernel';
import { FlowFigures, type Flow, type WaitingFor } from '@strata/operations';
import type pg from 'pg';
import { inSight } from './in-sight.js';

interface BudgetRow {
  readonly endpoint: string;
  readonly configured: number;
  readonly current: number;
  readonly used: number;
  readonly throttled: number;
}

interface CircuitRow {
  readonly endpoint: string;
  readonly state: 'closed' | 'half-open' | 'open';
  readonly since: Date;
  readonly retry_at: Date | null;
  readonly cause: string | null;
  readonly opened: number;
}

interface WaitingRow {
  readonly waiting: WaitingFor | 'none';
  readonly operations: number;
}

interface PauseRow {
  readonly id: string;
  readonly kind: string | null;
  readonly reason: string;
  readonly until: Date;
  readonly held: number;
}

/** What workers share of the flow to clouds, from the tables that they share it in. */
export class SharedFlow extends FlowFigures {
  constructor(private readonly pool: pg.Pool) {
    super();
  }

  /** Who asks sees everything. */
  of(bindingId: BindingId, endpoints: readonly string[], credential: string): Promise<Flow> {
    return inSight(this.pool, 'all', async (query) => {
      const budgets = await query<BudgetRow>(
        `select endpoint, configured, cloud_rate(configured, rate, slowed_at) as current,
                cloud_used(used, filled_at) as used, throttled::int
           from cloud_budgets where endpoint = any($1::text[]) and credential = $2`,
        [endpoints, credential],
      );
      const circuits = await query<CircuitRow>(
        `select endpoint, case when state = 'open' and probing_until > now() then 'half-open' else state end as state,
                since, retry_at, cause, opened::int
           from cloud_endpoints where endpoint = any($1::text[])`,
        [endpoints],
      );
      const waiting = await query<WaitingRow>(
        `select coalesce(waiting_for, case when lane = 'send' and lease_id is null then 'turn' else 'none' end) as waiting,
                count(*)::int as operations
           from operation_schedule where binding_id = $1 group by 1`,
        [bindingId],
      );
      const pauses = await query<PauseRow>(
        `select p.id, p.kind, p.reason, p.until,
                (select count(*)::int from operation_schedule s where s.held_by = p.id) as held
           from pauses p where p.node = $1 and p.ended_at is null and p.until > now() order by p.since, p.id`,
        [bindingId],
      );
      return {
        budgets: new Map(budgets.map(({ endpoint, ...budget }) => [endpoint, budgetOf(budget)])),
        circuits: new Map(circuits.map(({ endpoint, ...circuit }) => [endpoint, circuitOf(circuit)])),
        waiting: Object.fromEntries(
          waiting.flatMap(({ waiting: reason, operations }) => (reason === 'none' ? [] : [[reason, operations]])),
        ),
        underWay: waiting.find(({ waiting: reason }) => reason === 'none')?.operations ?? 0,
        pauses: pauses.map((pause) => ({ ...pause, until: pause.until.toISOString() })),
      };
    });
  }
}

/** To a tenth: more than that is not known of a figure that fades. */
const tenths = (value: number): number => Math.round(value * 10) / 10;

const budgetOf = ({ configured, current, used, throttled }: Omit<BudgetRow, 'endpoint'>) => ({
  configuredPerSecond: configured,
  currentPerSecond: tenths(current),
  usedPerSecond: tenths(used),
  throttled,
});

const circuitOf = ({ state, since, retry_at: retryAt, cause, opened }: Omit<CircuitRow, 'endpoint'>) => ({
  ...{ state, cause, opened },
  since: since.toISOString(),
  retryAt: retryAt?.toISOString() ?? null,
});
