import type { DiskCloud } from '@strata/cloud';
import { EvsDiskCloud } from '@strata/cloud/evs';
import { OpenstackDiskCloud } from '@strata/cloud/openstack';
import type { WorkerConfig } from '@strata/config';
import { cataloguesOfDisks, catalogueKinds, diskCarriers, diskKinds, givenDisk, type SweepReport } from '@strata/disks';
import { EventTypes, type EventStore } from '@strata/event-store';
import { assertRole, PostgresEventStore, PostgresQuotaLedger, PostgresViewStore } from '@strata/event-store/postgres';
import { BindingId } from '@strata/kernel';
import {
  cataloguesOfOperations,
  KindRegistry,
  Pace,
  type Carrier,
  type Patience,
  type StepPorts,
} from '@strata/operations';
import { cataloguesOfProjects } from '@strata/projects';
import { BullmqStepWorker } from '@strata/queue/bullmq';
import { PostgresLeases, PostgresOperationSchedule, PostgresShownOperations } from '@strata/queue/postgres';
import { cataloguesOfSnapshots, kindsWithSnapshots, snapshotCarriers } from '@strata/snapshots';
import { runInContext } from '@strata/telemetry';
import type { Logger } from 'pino';
import { Clouds } from './clouds.js';
import { CloudObserver } from './cloud-observer.js';
import { CloudFlow } from './flow/cloud-flow.js';
import { withUrgency } from './flow/urgency.js';
import { keepCatalogue, keptAt } from './keep-catalogue.js';
import { ListWatch } from './list-watch.js';
import { stepRunner } from './step-runner.js';
import { sweeping } from './sweeping.js';
import { UsualWork } from './usual-work.js';
import { VisibilityBounds } from './visibility-bounds.js';

export interface Worker {
  stop(): Promise<void>;
}

/** What tests may put in: where a step passes by, and who looks at the clock. */
export interface WorkerHooks {
  readonly passed?: StepPorts<DiskCloud>['passed'];
}

const types = new EventTypes([
  ...cataloguesOfProjects,
  ...cataloguesOfOperations,
  ...cataloguesOfDisks,
  ...cataloguesOfSnapshots,
]);

/** Before a kind was ever timed its first look comes after this; later ones are this far apart at most. In ms. */
const firstGuessMs = 250;
const longestPauseMs = 5_000;

/** Runs steps from the queue against clouds, reports outcomes, and looks after each binding. */
export const startWorker = async (config: WorkerConfig, logger: Logger, hooks: WorkerHooks = {}): Promise<Worker> => {
  const store = new PostgresEventStore({
    ...config.database,
    bounds: config.lane,
    types,
    onHeldBack: (held) => logger.warn({ types: held }, 'held back until every follower knows these event types'),
  });
  await assertRole(store.pool);
  const schedule = new PostgresOperationSchedule(store.pool);
  const flow = new CloudFlow(store.pool, config.cloud.requestsPerSecond, logger);
  const clouds = cloudsOf(config, store, flow, logger);
  const views = new PostgresViewStore(store.pool);
  const stopping = new AbortController();
  const keep = (bindingId: string, report: SweepReport, beganAt: string) =>
    keepCatalogue(store.pool, BindingId.parse(bindingId), { [catalogueKinds.sweep]: report }, beganAt);
  const sweptAt = (bindingId: string) => keptAt(store.pool, BindingId.parse(bindingId), catalogueKinds.sweep);
  const sweepNow = sweeping({ store, views, signal: stopping.signal, keep, sweptAt, ...config.cloud });
  const sweep: typeof sweepNow = (cloud, bindingId, round) =>
    withUrgency('background', () => sweepNow(cloud, bindingId, round));
  const run = stepRunner({
    schedule,
    leaseMs: config.leaseMs,
    stopping: stopping.signal,
    step: stepPorts(
      config,
      store,
      { clouds, flow, usual: new UsualWork(views, () => performance.now()) },
      sweep,
      hooks,
    ),
  });
  const worker = new BullmqStepWorker({
    backend: config.queue,
    run: (job, signal) => runInContext({ operationId: job.operationId }, () => run(job, signal)),
    concurrency: { send: config.concurrency, look: config.concurrency },
    onFault: (error, job) => logger.error({ err: error, operationId: job?.operationId }, 'a step failed'),
  });
  const observer = new CloudObserver({
    store,
    views,
    sweep,
    ledger: new PostgresQuotaLedger(store.pool),
    pool: store.pool,
    leases: new PostgresLeases(store.pool),
    clouds,
    settings: config.cloud,
    logger,
  });
  const listWatch = new ListWatch({
    shown: new PostgresShownOperations(store.pool),
    leases: new PostgresLeases(store.pool),
    cloudOf: (bindingId) => clouds.of(bindingId),
    logger,
  });
  await worker.start();
  observer.start();
  listWatch.start();
  flow.breakers.start();
  logger.info('worker ready');
  return {
    stop: async () => {
      stopping.abort(new Error('the worker stops'));
      // Closing the clouds breaks off what the observer still waits for; steps under way have had their time by then.
      const drained = worker.drain(config.closeGraceMs / 2).finally(() => clouds.close());
      await Promise.allSettled([drained, observer.stop(), listWatch.stop(), flow.breakers.stop()]);
      await store.close();
    },
  };
};

const cloudsOf = (config: WorkerConfig, store: EventStore, flow: CloudFlow, logger: Logger): Clouds =>
  new Clouds({
    store,
    secretOf: (ref) => config.cloud.secrets.read(ref),
    open: (access, bindingId, credential) => {
      const options = {
        readTimeoutMs: config.cloud.requestTimeoutMs,
        ...flow.optionsFor(access, bindingId, credential),
      };
      switch (access.kind) {
        case 'evs':
          return new EvsDiskCloud(access, options);
        case 'openstack':
          return new OpenstackDiskCloud(access, options);
      }
    },
    onFault: (bindingId, problem) => logger.error({ bindingId, problem }, 'the cloud of a binding cannot be reached'),
    nowMs: () => performance.now(),
  });

const stepPorts = (
  { cloud }: WorkerConfig,
  store: PostgresEventStore,
  { clouds, flow, usual }: { readonly clouds: Clouds; readonly flow: CloudFlow; readonly usual: UsualWork },
  sweep: ReturnType<typeof sweeping>,
  hooks: WorkerHooks,
): Omit<StepPorts<DiskCloud>, 'stillMine' | 'nowMs' | 'heldBy'> => {
  const kinds = new KindRegistry(kindsWithSnapshots(diskKinds));
  const carriers = new Map<string, Carrier<DiskCloud>>(
    [
      ...diskCarriers(
        sweep,
        givenDisk(
          store,
          (id) => clouds.of(id),
          (id) => flow.turnAt(id),
        ),
      ),
      ...snapshotCarriers(),
    ].map((each) => [each.kind, each]),
  );
  const patience: Patience = {
    sendWithinMs: cloud.sendBeforeMs,
    requestTimeoutMs: cloud.requestTimeoutMs,
    visibilityMs: cloud.visibilityMs,
  };
  const visibility = new VisibilityBounds(store.pool, cloud.visibilityMs, () => performance.now());
  return {
    store,
    rulesOf: (kind) => kinds.rulesOf(kind),
    carrierOf: (kind) => {
      const carrier = carriers.get(kind);
      if (carrier === undefined) throw new Error(`this build cannot carry out operations of kind ${kind}`);
      return carrier;
    },
    cloudOf: (bindingId) => clouds.of(bindingId),
    patienceOf: async (bindingId) => ({ ...patience, visibilityMs: await visibility.of(bindingId) }),
    appearedAfter: (bindingId, afterMs) => visibility.appearedAfter(bindingId, afterMs),
    turnAt: (bindingId) => flow.turnAt(bindingId),
    withUrgency,
    pace: new Pace(firstGuessMs, longestPauseMs),
    tookMs: (kind, bindingId) => usual.of(kind, bindingId),
    monotonicMs: () => performance.now(),
    random: () => Math.random(),
    passed: hooks.passed ?? (() => Promise.resolve()),
  };
};
