import type { DiskCloud } from '@strata/cloud';
import { OperationId, type DiskId } from '@strata/kernel';
import type { StepPorts } from '@strata/operations';
import {
  applyScheduleChanges,
  PostgresLeases,
  PostgresOperationSchedule,
  PostgresShownOperations,
} from '@strata/queue/postgres';
import type { ScheduleChange } from '@strata/queue';
import pg from 'pg';
import { pino } from 'pino';
import { ListWatch } from '../list-watch.js';
import { stepRunner } from '../step-runner.js';
import type { WorkUnderTest } from './work-under-test.js';

const leaseMs = 30_000;
const atATime = 24;

/** Many operations of a `WorkUnderTest`, each of their steps when it is due, as dispatcher and workers would. */
export class ScheduledWork {
  private readonly pool: pg.Pool;
  private readonly schedule: PostgresOperationSchedule;
  private readonly watch: ListWatch;

  constructor(private readonly work: WorkUnderTest) {
    this.pool = new pg.Pool({ connectionString: work.databaseUrl, max: 8 });
    this.schedule = new PostgresOperationSchedule(this.pool);
    this.watch = new ListWatch({
      shown: new PostgresShownOperations(this.pool),
      leases: new PostgresLeases(this.pool),
      cloudOf: () => Promise.resolve(work.cloud),
      logger: pino({ level: 'silent' }),
    });
    this.watch.start();
  }

  async stop(): Promise<void> {
    await this.watch.stop();
    await this.pool.end();
  }

  /** Asks for so many disks and schedules their operations. */
  async requestDisks(
    count: number,
  ): Promise<readonly { readonly diskId: DiskId; readonly operationId: OperationId }[]> {
    const asked = [];
    for (let left = count; left > 0; left -= atATime) {
      const some = Array.from({ length: Math.min(left, atATime) }, () => this.work.requestDisk());
      asked.push(...(await Promise.all(some)));
    }
    const { projectId, bindingId } = this.work;
    const deadlineAt = new Date(Date.now() + 3_600_000).toISOString();
    await this.change(
      asked.map(({ operationId, diskId }) => {
        const resources = [`disk-${diskId}`];
        return {
          change: 'open',
          operationId,
          projectId,
          bindingId,
          kind: 'disk.create',
          lane: 'send',
          deadlineAt,
          resources,
        };
      }),
    );
    return asked;
  }

  /** Runs what is due until `enough`; an operation that has ended leaves the schedule at its last step. */
  async run(
    ports: StepPorts<DiskCloud>,
    enough: (left: { readonly open: number; readonly unsent: number }) => boolean,
  ) {
    const passed: typeof ports.passed = async (point, operationId) => {
      if (point === 'end-recorded') await this.change([{ change: 'close', operationId }]);
    };
    const step = stepRunner({ schedule: this.schedule, leaseMs, step: { ...ports, passed } });
    const { signal } = new AbortController();
    const running = new Set<Promise<void>>();
    for (;;) {
      const room = atATime - running.size;
      const steps = room > 0 ? await this.schedule.admit({ send: room, look: room }, 1_000, leaseMs) : [];
      for (const { operationId: id, projectId: _of, leaseId, lane } of steps) {
        const operationId = OperationId.parse(id);
        const job = { jobId: leaseId, operationId, projectId: this.work.projectId, lane, leaseId };
        const done: Promise<void> = step(job, signal).finally(() => running.delete(done));
        running.add(done);
      }
      if (enough(await this.left())) break;
      await Promise.race([...running, new Promise((resolve) => setTimeout(resolve, 20))]);
    }
    await Promise.all(running);
  }

  private change(changes: readonly ScheduleChange[]): Promise<void> {
    const query = async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
      (await this.pool.query<Row>(sql, [...values])).rows;
    return applyScheduleChanges({ query }, changes);
  }

  private async left(): Promise<{ readonly open: number; readonly unsent: number }> {
    const { rows } = await this.pool.query<{ open: number; unsent: number }>(
      `select count(*)::int as open, count(*) filter (where shows_as is null)::int as unsent from operation_schedule`,
    );
    return rows[0] ?? { open: 0, unsent: 0 };
  }
}
