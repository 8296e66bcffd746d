import { once } from 'node:events';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { loadWorkerConfig } from '@strata/config';
import { FollowerRunner } from '@strata/event-store/postgres';
import { OperationId, ProjectId } from '@strata/kernel';
import { KindRegistry, scheduleChangesOf } from '@strata/operations';
import { bindingEvent, bindingStream } from '@strata/projects';
import { stepJobId } from '@strata/queue';
import { BullmqStepQueue, preparePostgresQueue } from '@strata/queue/bullmq';
import { applyScheduleChanges, PostgresOperationSchedule } from '@strata/queue/postgres';
import { diskKinds } from '@strata/disks';
import { kindsWithSnapshots } from '@strata/snapshots';
import { freePort, type TestPostgres } from '@strata/testing';
import { pino } from 'pino';
import { startWorker, type Worker } from '../worker.js';
import { eventTypes } from './work-log.js';
import type { WorkUnderTest } from './work-under-test.js';

const leaseMs = 5_000;
const admitEveryMs = 50;

/** The way to the cloud, which can be cut. */
class Gateway {
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private port = 0;

  constructor(private readonly toPort: number) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Listens on the same port each time. */
  async open(): Promise<void> {
    if (this.port === 0) this.port = await freePort();
    if (this.server === undefined) await this.listen(this.port);
  }

  /** Nobody listens any more, and what was under way is broken off. */
  async cut(): Promise<void> {
    const closed = this.server && once(this.server.close(), 'close');
    this.server = undefined;
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async listen(port: number): Promise<void> {
    const server = createServer((from) => {
      const to = connect(this.toPort, '127.0.0.1');
      for (const [one, other] of [
        [from, to],
        [to, from],
      ] as const) {
        this.sockets.add(one);
        one.pipe(other);
        one.on('error', () => other.destroy()).on('close', () => this.sockets.delete(one));
      }
    });
    await once(server.listen(port, '127.0.0.1'), 'listening');
    this.server = server;
  }
}

/** A worker as it runs in production, fed from the log of a `WorkUnderTest` as the projector would. */
export class RunningWorker {
  private readonly kinds = new KindRegistry(kindsWithSnapshots(diskKinds));
  private readonly schedule: PostgresOperationSchedule;
  private readonly queue: BullmqStepQueue;
  private readonly runner: FollowerRunner;
  /** Of the queue, and of what is put into it. */
  readonly faults: unknown[] = [];
  private admitting: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private worker: Worker | undefined;
  readonly cloud: Gateway;

  private constructor(private readonly work: WorkUnderTest) {
    const { pool } = work.store;
    this.cloud = new Gateway(work.simulator.port);
    this.schedule = new PostgresOperationSchedule(pool);
    const backend = { kind: 'postgres', url: work.databaseUrl } as const;
    this.queue = new BullmqStepQueue({ backend, onFault: (fault) => this.faults.push(fault) });
    this.runner = new FollowerRunner({
      pool,
      store: work.store,
      types: eventTypes,
      followers: [
        {
          name: 'dispatcher',
          handle: (events, tx) =>
            applyScheduleChanges(
              tx,
              events.flatMap((event) => scheduleChangesOf(event, (kind) => this.kinds.rulesOf(kind))),
            ),
        },
      ],
    });
  }

  static async start(
    postgres: TestPostgres,
    work: WorkUnderTest,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<RunningWorker> {
    const ownerUrl = Object.assign(new URL(postgres.adminUrl), { pathname: new URL(work.databaseUrl).pathname }).href;
    await preparePostgresQueue({ ownerUrl, roles: ['strata_worker'] });
    const running = new RunningWorker(work);
    await running.cloud.open();
    await running.bind();
    await running.runner.start();
    const { credentials } = work.access();
    const config = loadWorkerConfig({
      DATABASE_URL: work.databaseUrl,
      STRATA_CREDENTIALS_SIMULATOR: JSON.stringify(credentials),
      STRATA_LEASE_MS: String(leaseMs),
      ...settings,
    });
    running.worker = await startWorker(config, pino({ level: 'silent' }));
    const admit = () => running.admit().catch((fault: unknown) => void running.faults.push(fault));
    running.timer = setInterval(() => (running.admitting = running.admitting.then(admit)), admitEveryMs);
    return running;
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.admitting;
    await this.worker?.stop();
    await Promise.all([this.runner.stop(), this.queue.close()]);
    await this.cloud.cut();
  }

  /** Of these operations those that wait until the cloud is back. */
  async waitingForCloud(operationIds: readonly string[]): Promise<readonly string[]> {
    const waiting = await this.schedule.waiting(operationIds);
    return [...waiting].flatMap(([id, { waitingFor }]) => (waitingFor === 'cloud' ? [id] : []));
  }

  /** The binding as the platform team would have made it, to be reached through the gateway. */
  private async bind(): Promise<void> {
    const { bindingId, projectId } = this.work;
    const { kind, region, cloudProjectId } = this.work.access();
    const endpoints = { iam: this.cloud.url, evs: this.cloud.url };
    const added = { name: 'simulator', kind, region, endpoints, cloudProjectId, credentials: { ref: 'simulator' } };
    const events = [bindingEvent('BindingAdded', added)];
    await this.work.append({ streams: [{ stream: bindingStream(bindingId), projectId, expectedVersion: 0, events }] });
  }

  private async admit(): Promise<void> {
    const steps = await this.schedule.admit({ send: 50, look: 50 }, 50, leaseMs);
    if (steps.length === 0) return;
    await this.queue.admit(
      steps.map(({ operationId, projectId, lane, leaseId, admissions }) => {
        const id = OperationId.parse(operationId);
        const jobId = stepJobId(id, lane, admissions);
        return { jobId, operationId: id, projectId: ProjectId.parse(projectId), lane, leaseId };
      }),
    );
  }
}
