import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { Chaos, type ChaosSettings, randomFrom } from './chaos.js';
import { CrashPlan, type Death, type Hit, stepPoints } from './crash-plan.js';
import { eventually } from './eventually.js';
import { Services } from './services.js';

export const longer = process.env['STRATA_TEST_SCALE'] === 'nightly' ? 5 : 1;

/**
 * Ten seconds to send, fifteen for an answer and two minutes until it shows, scaled down: the processes live by the clock of
 * PostgreSQL, which nobody can move. `apps/worker/src/late-effects.spec.ts` has them in full, on a clock that is moved.
 */
const sendBeforeMs = 1_000;
const requestTimeoutMs = 1_000;
const visibilityMs = 2_500;
const leaseMs = 2_000;
/** Longer than a lease, and than the time after which the absence of a write is presumed. */
const pauseMs = sendBeforeMs + requestTimeoutMs + visibilityMs + 500;
/** As late as an effect may show. */
export const latestSeconds = visibilityMs / 1_000;

/** At the first pass of each point, and shortly after a later one: inside what the step waits for next. */
const deaths: readonly Death[] = stepPoints.flatMap((point) => [
  { point, pass: 1, delayMs: 0 },
  { point, pass: 4, delayMs: 3 },
]);

interface Sweep {
  readonly time: string;
  readonly surplusRemoved: number;
}

/** Strata as services that are killed and frozen; each of the three workers kills itself at a named point of a step, in turn. */
export class DeadlyWorld {
  private constructor(
    readonly seed: number,
    readonly services: Services,
    readonly plan: CrashPlan,
    readonly chaos: Chaos,
    private readonly report: string,
    private readonly database: pg.Pool,
    private readonly begunMs: number,
  ) {}

  static async start(
    seed: number,
    violence: Pick<ChaosSettings, 'kills' | 'pauses' | 'patienceMs'>,
  ): Promise<DeadlyWorld> {
    const begunMs = performance.now();
    const report = join(tmpdir(), `strata-crash-points-${process.pid}-${seed}`);
    const plan = new CrashPlan(deaths, report);
    const services = await Services.start({
      workers: 3,
      workerProgram: () => plan.next(),
      onWorkerEnd: (program) => void plan.ended(program),
      env: {
        STRATA_LEASE_MS: String(leaseMs),
        STRATA_SEND_BEFORE_MS: String(sendBeforeMs),
        STRATA_CLOUD_REQUEST_TIMEOUT_MS: String(requestTimeoutMs),
        STRATA_CLOUD_VISIBILITY_MS: String(visibilityMs),
        STRATA_SWEEP_INTERVAL_MS: '1000',
        STRATA_DISPATCH_INTERVAL_MS: '100',
        STRATA_WORKER_CONCURRENCY: '5',
      },
    });
    const database = new pg.Pool({ connectionString: services.database.admin, max: 2 });
    for (const id of [services.seeded.projects.alpha, services.seeded.projects.beta]) await services.raiseLimits(id);
    const victims = [services.api, services.projector, ...services.workers];
    const progress = () => lastPositionIn(database);
    const chaos = new Chaos(victims, { ...violence, pauseMs, random: randomFrom(seed), progress });
    return new DeadlyWorld(seed, services, plan, chaos, report, database, begunMs);
  }

  /** Rows of the log and of what belongs to it, past every policy. */
  async rows<Row extends pg.QueryResultRow>(sql: string): Promise<readonly Row[]> {
    return (await this.database.query<Row>(sql)).rows;
  }

  /** Every planned death that has come about within this time. */
  async hitWithin(withinMs: number): Promise<readonly Hit[]> {
    const all = async () => {
      const hit = await this.plan.hit();
      return hit.length >= deaths.length ? hit : undefined;
    };
    return eventually('every planned death has come about', all, { withinMs }).catch(() => this.plan.hit());
  }

  async hitAll(): Promise<boolean> {
    return (await this.plan.hit()).length >= deaths.length;
  }

  /** Of three that ended after now two began after it. */
  async twoSweeps(): Promise<void> {
    const moment = Date.now();
    const have = async () => (await this.sweeps()).filter(({ time }) => Date.parse(time) > moment).length >= 3;
    await eventually('two sweeps have passed', have);
  }

  async surplusRemoved(): Promise<number> {
    return (await this.sweeps()).reduce((sum, { surplusRemoved }) => sum + surplusRemoved, 0);
  }

  /** What came about, for the reader of a test's output. */
  async account(hit: readonly Hit[], faults: readonly { readonly kind: string; readonly fired: number }[]) {
    const { chaos, seed } = this;
    const times = (counts: ReadonlyMap<string, number>) => [...counts].map(([name, n]) => `${name} ${n}`).join(', ');
    const kinds = await this.kindsOf(hit);
    return [
      `seed ${seed}, ${Math.round((performance.now() - this.begunMs) / 1_000)} s, log of ${await lastPositionIn(this.database)} events`,
      ...stepPoints.map((point) => `  died at ${point}: ${hit.filter((death) => death.point === point).length}`),
      `  in steps of: ${times(kinds)}`,
      `  kill -9: ${times(chaos.kills)}`,
      `  frozen for ${pauseMs} ms: ${times(chaos.pauses)}`,
      `  faults of the cloud: ${faults.map(({ kind, fired }) => `${kind} ${fired}`).join(', ')}`,
      `  what came late and the sweep removed: ${await this.surplusRemoved()}`,
    ];
  }

  async end({ keepLogs }: { readonly keepLogs: boolean }): Promise<void> {
    await this.database.end();
    await this.services.stop({ keepLogs });
    await rm(this.report, { force: true });
  }

  private async sweeps(): Promise<readonly Sweep[]> {
    const logs = await Promise.all(this.services.workers.map((worker) => worker.log()));
    const lines = logs.flatMap((log) => log.split('\n').filter((line) => line.includes('"swept"')));
    return lines.map((line) => JSON.parse(line) as Sweep);
  }

  private async kindsOf(hit: readonly Hit[]): Promise<ReadonlyMap<string, number>> {
    const requests = await this.rows<{ id: string; kind: string }>(
      `select data->>'operationId' as id, data->>'kind' as kind from events where type = 'OperationRequested'`,
    );
    const kindOf = new Map(requests.map(({ id, kind }) => [id, kind]));
    const counts = new Map<string, number>();
    for (const { operationId } of hit) {
      const kind = kindOf.get(operationId) ?? 'unknown';
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    return counts;
  }
}

const lastPositionIn = async (database: pg.Pool): Promise<number> => {
  const { rows } = await database.query<{ last: string }>('select coalesce(max(position), 0) as last from events');
  return Number(rows[0]?.last);
};
