import type { EventStore } from '@strata/event-store';
import type { Metric, MetricSource, Sample } from '@strata/http';
import type { Pool } from 'pg';
import { inSight } from './in-sight.js';

interface Follower {
  readonly follower: string;
  readonly position: number;
  readonly running: boolean;
}

interface Scheduled {
  readonly lane: string;
  readonly waiting: string;
  readonly operations: number;
}

interface Budget {
  readonly endpoint: string;
  readonly credential: string;
  readonly configured: number;
  readonly current: number;
  readonly granted: number;
  readonly throttled: number;
}

interface Endpoint {
  readonly endpoint: string;
  readonly open: number;
  readonly opened: number;
}

/** The watchdog looks every ten minutes, and what is younger may be on its way into the schedule. */
const watchdogWithinMs = 11 * 60_000;

/** What projector and workers leave in the database: they have no port of their own. */
export class DatabaseMetrics implements MetricSource {
  constructor(
    private readonly store: EventStore,
    private readonly pool: Pool,
  ) {}

  async metrics(): Promise<readonly Metric[]> {
    const { position: head } = await this.store.head();
    const { followers, scheduled, unscheduled, budgets, endpoints, pauses } = await inSight(
      this.pool,
      'all',
      async (query) => ({
        followers: await query<Follower>(
          // A view goes on in the checkpoint of its generation.
          `select f.follower, f.status = 'running' as running, coalesce(reached.position, 0)::float8 as position
           from follower_state f
           left join view_generation g on g.view = f.follower
           left join lateral (
             select c.position from checkpoints c where c.follower = f.follower || coalesce('@' || g.generation, '')
             order by c.after desc limit 1) reached on true`,
        ),
        scheduled: await query<Scheduled>(
          `select lane, coalesce(waiting_for, case when lease_id is not null then 'step' when lane = 'send' then 'turn' else 'none' end)
                  as waiting, count(*)::int as operations
           from operation_schedule group by 1, 2`,
        ),
        unscheduled: await query<{ readonly operations: number }>(
          `select count(*)::int as operations
           from view_operations v
          where v.generation = (select g.generation from view_generation g where g.view = 'operations')
            and v.valid_to is null and v.status collate "C" in ('queued', 'running') and v.created_at < now() - $1 * interval '1 ms'
            and not exists (select from operation_schedule s where s.operation_id = v.key)`,
          [watchdogWithinMs],
        ),
        budgets: await query<Budget>(
          `select endpoint, credential, configured, cloud_rate(configured, rate, slowed_at) as current, granted::float8, throttled::float8 from cloud_budgets`,
        ),
        endpoints: await query<Endpoint>(
          `select endpoint, (state = 'open')::int as open, opened::float8 from cloud_endpoints`,
        ),
        pauses: await query<{ readonly pauses: number }>(
          'select count(*)::int as pauses from pauses where ended_at is null and until > now()',
        ),
      }),
    );
    const ofFollower = (value: (follower: Follower) => number): readonly Sample[] =>
      followers.map((each) => ({ labels: { follower: each.follower }, value: value(each) }));
    const ofBudget = (value: (budget: Budget) => number): readonly Sample[] =>
      budgets.map((each) => ({
        labels: { endpoint: each.endpoint, credential: each.credential },
        value: value(each),
      }));
    const ofEndpoint = (value: (endpoint: Endpoint) => number): readonly Sample[] =>
      endpoints.map((each) => ({ labels: { endpoint: each.endpoint }, value: value(each) }));
    return [
      gauge('strata_log_head', 'Position of the last event of the log.', [{ value: head }]),
      gauge(
        'strata_follower_lag_events',
        'Events that a follower has still to handle.',
        ofFollower(({ position }) => Math.max(0, head - position)),
      ),
      gauge(
        'strata_follower_running',
        '0: it has stopped before an event that it cannot handle.',
        ofFollower(({ running }) => Number(running)),
      ),
      gauge(
        'strata_operations_open',
        'Open operations by class and what they wait for; step: one of theirs is queued or runs; none: the cloud works.',
        scheduled.map(({ lane, waiting, operations }) => ({
          labels: { lane, waiting_for: waiting },
          value: operations,
        })),
      ),
      gauge(
        'strata_operations_unscheduled',
        'Open operations that nobody carries on and that the watchdog of the schedule has not put back: the projector log says why.',
        [{ value: unscheduled[0]?.operations ?? 0 }],
      ),
      gauge('strata_pauses', 'Pauses in force.', [{ value: pauses[0]?.pauses ?? 0 }]),
      gauge(
        'strata_cloud_budget_configured_per_second',
        'Requests per second that may be sent.',
        ofBudget((b) => b.configured),
      ),
      gauge(
        'strata_cloud_budget_current_per_second',
        'Of those, what the cloud bears now.',
        ofBudget((b) => b.current),
      ),
      counter(
        'strata_cloud_turns_total',
        'Turns that workers took from a budget, with those that they took ahead of need and gave up unused.',
        ofBudget((b) => b.granted),
      ),
      counter(
        'strata_cloud_throttled_total',
        'Requests that the cloud answered with 429.',
        ofBudget((b) => b.throttled),
      ),
      gauge(
        'strata_cloud_circuit_open',
        '1: nothing is sent to the endpoint.',
        ofEndpoint((e) => e.open),
      ),
      counter(
        'strata_cloud_circuit_opened_total',
        'How often it was taken for away.',
        ofEndpoint((e) => e.opened),
      ),
    ];
  }
}

const gauge = (name: string, help: string, samples: readonly Sample[]): Metric => ({
  name,
  help,
  type: 'gauge',
  samples,
});
const counter = (name: string, help: string, samples: readonly Sample[]): Metric => ({
  ...{ name, help, samples },
  type: 'counter',
});
