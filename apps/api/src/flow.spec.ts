import pg from 'pg';
import { v7 as newId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApi, type ApiUnderTest } from './contract/api-under-test.js';

const origin = 'http://127.0.0.1:1';

let under: ApiUnderTest;
let bindingId: string;
let workers: pg.Client;
beforeAll(async () => {
  under = await openApi();
  bindingId = under.seeded.bindings.simulator;
  workers = new pg.Client({ connectionString: under.database.worker });
  await workers.connect();
  await workers.query(
    `insert into cloud_budgets (endpoint, credential, configured, rate, slowed_at, tokens, filled_at, granted, throttled)
     values ($1, 'simulator', 50, 20, now(), 0, now(), 120, 3), ('https://elsewhere.example', 'other', 50, 50, '-infinity', 0, now(), 0, 0)`,
    [origin],
  );
  await workers.query(
    `insert into cloud_endpoints (endpoint, state, since, retry_at, cause, opened)
     values ($1, 'open', now(), now() + interval '8 seconds', 'ECONNREFUSED', 1)`,
    [origin],
  );
  await workers.query(`select set_config('strata.sight', 'all', false)`);
  for (const waitingFor of ['cloud', 'cloud', null]) await waits(newId(), waitingFor);
});
afterAll(async () => {
  await workers.end();
  await under.close();
});

const waits = (id: string, waitingFor: string | null) =>
  workers.query(
    `insert into operation_schedule (operation_id, project_id, binding_id, lane, due_at, waiting_for)
     values ($1, $2, $3, 'look', now() + interval '1 hour', $4)`,
    [id, under.seeded.projects.alpha, bindingId, waitingFor],
  );

const asked = (path: string, token?: string) =>
  fetch(under.api.url + path, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });

describe('how requests to a cloud flow', () => {
  it('is told to the platform’s admin: budget, circuit, and what waits', async () => {
    const response = await asked(`/v1/bindings/${bindingId}/flow`, under.tokens.platformAdmin);
    expect(response.status).toBe(200);
    const flow = (await response.json()) as { endpoints: readonly { budget: { currentPerSecond: number } }[] };
    expect(flow).toMatchObject({
      bindingId,
      endpoints: [
        {
          endpoint: origin,
          services: ['evs', 'iam'],
          budget: { configuredPerSecond: 50, throttled: 3 },
          circuit: { state: 'open', cause: 'ECONNREFUSED', opened: 1 },
        },
      ],
      waiting: { cloud: 2 },
      underWay: 1,
      pauses: [],
    });
    expect(flow.endpoints[0]?.budget.currentPerSecond).toBeLessThan(50);
  });

  it('is absent for everybody else, and for a binding that is not there', async () => {
    const { alpha, beta, platformAdmin } = under.tokens;
    for (const token of [alpha, beta]) expect((await asked(`/v1/bindings/${bindingId}/flow`, token)).status).toBe(404);
    expect((await asked(`/v1/bindings/${newId()}/flow`, platformAdmin)).status).toBe(404);
    expect((await asked(`/v1/bindings/${bindingId}/flow`)).status).toBe(401);
  });
});

/** The view of operations shows all that the log has. */
const shownToHead = async (): Promise<void> => {
  const { position, incarnation } = await under.store.head();
  const listed = await fetch(`${under.api.url}/v1/operations`, {
    headers: { authorization: `Bearer ${under.tokens.alpha}`, 'strata-min-position': `${incarnation}.${position}` },
  });
  expect(listed.status).toBe(200);
};

describe('the metrics', () => {
  it('are text as Prometheus reads it', async () => {
    await asked('/v1/me', under.tokens.alpha);
    await under.requestDisk(under.seeded.projects.alpha, under.tokens.alpha);
    const response = await asked('/metrics');
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    const text = await response.text();
    expect(text).toMatch(/^# TYPE strata_log_head gauge\nstrata_log_head \d+$/m);
    expect(text).toMatch(/^strata_follower_running\{follower="disks"\} 1$/m);
    expect(text).toContain('strata_operations_open{lane="look",waiting_for="cloud"} 2\n');
    expect(text).toContain(`strata_cloud_throttled_total{endpoint="${origin}",credential="simulator"} 3\n`);
    expect(text).toContain(`strata_cloud_circuit_open{endpoint="${origin}"} 1\n`);
    expect(text).toMatch(
      /^# TYPE strata_lane_batch_appends histogram\nstrata_lane_batch_appends_bucket\{le="1"\} \d+$/m,
    );
    expect(text).toMatch(/^strata_lane_batch_appends_count [1-9]\d*$/m);
    expect(text).toMatch(/^strata_http_requests_total\{route="getMe",status="200"\} 1$/m);
    for (const line of text.trimEnd().split('\n'))
      expect(line).toMatch(
        /^(?:# (?:HELP|TYPE) strata_\w+ .+|strata_\w+(?:\{(?:\w+="[^"]*",?)+\})? [\d.eE+-]+(?:Inf)?)$/,
      );
  });

  it('tell how far a view is behind the log', async () => {
    const lag = async () =>
      /^strata_follower_lag_events\{follower="operations"\} (\d+)$/m.exec(await (await asked('/metrics')).text())?.[1];
    await under.requestDisk(under.seeded.projects.alpha, under.tokens.alpha);
    await shownToHead();
    expect(await lag()).toBe('0');
  });

  it('tell of operations that were not put back into the schedule', async () => {
    const requested = await Promise.all(
      [1, 2].map(() => under.requestDisk(under.seeded.projects.alpha, under.tokens.alpha)),
    );
    await shownToHead();
    const unscheduled = async () =>
      /^strata_operations_unscheduled (\d+)$/m.exec(await (await asked('/metrics')).text())?.[1];
    expect(await unscheduled()).toBe('0');
    const ids = requested.map(({ operationId }) => operationId);
    await workers.query(`update view_operations set created_at = now() - interval '1 hour' where key = any($1)`, [ids]);
    expect(await unscheduled()).toBe('2');
    await waits(ids[0] ?? '', null);
    expect(await unscheduled()).toBe('1');
  });

  it('have no project, no resource and no secret in them', async () => {
    const { diskId, operationId } = await under.requestDisk(under.seeded.projects.alpha, under.tokens.alpha);
    await asked(`/v1/disks/${diskId}`, under.tokens.alpha);
    await asked(`/nowhere/${diskId}?token=${under.tokens.alpha}`);
    const text = await (await asked('/metrics')).text();
    const told = [
      diskId,
      operationId,
      bindingId,
      ...Object.values(under.seeded.projects),
      ...Object.values(under.tokens),
    ];
    for (const each of told) expect(text).not.toContain(each);
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
  });
});
