import { join, resolve } from 'node:path';
import { bootstrap, migrate, type DatabaseUrls } from '@strata/event-store/postgres';
import { launchPostgres, type EmbeddedPostgres } from '@strata/event-store/embedded';
import type { StandaloneConfig } from '@strata/config';
import { preparePostgresQueue } from '@strata/queue/bullmq';
import { Child, type ChildSettings } from './child-process.js';
import { environmentsOf, type Addresses } from './environment.js';
import { holdFolder, refuseHeld, type FolderLock } from './folder-lock.js';
import type { Interrupts } from './interrupts.js';
import { keysOf, writePrivately, type Keys } from './keys.js';
import { withLogTail } from './log-tail.js';
import { portOf } from './ports.js';
import { namingFolder, namingFullDisk, prepareFolder } from './prepare-folder.js';
import { seedFolder, type Credentials } from './seed-folder.js';

export interface Standalone {
  readonly credentials: Credentials;
  readonly dataDir: string;
  readonly processes: Readonly<Record<string, number>>;
  /** Resolves with the reason when a part of it ended by itself. */
  readonly broken: Promise<string>;
  /** Everything that was started, PostgreSQL last; within 10 s. */
  stop(): Promise<void>;
}

/**
 * Small enough for a laptop; durable as any other PostgreSQL. Full pages in the write-ahead log are not compressed: PostgreSQL
 * from npm has pglz only, 200 µs for a page, of which a large log touches several with each command.
 */
const postgresSettings = {
  shared_buffers: '128MB',
  max_connections: 100,
  max_wal_size: '1GB',
  checkpoint_completion_target: '0.9',
  jit: 'off',
};

const readyWithinMs = 30_000;
const childGraceMs = 6_000;
/** Nobody asks it anything any more. */
const simulatorGraceMs = 2_000;

/**
 * Embedded PostgreSQL, the simulator and all of Strata in one folder (architecture §9). Rejects with the reason of
 * `interrupts.stop` when that comes before everything stands; what was started by then is stopped and the folder let go of.
 */
export const startStandalone = async (
  config: StandaloneConfig,
  given: Readonly<Record<string, string | undefined>>,
  interrupts: Interrupts,
): Promise<Standalone> => {
  const dataDir = resolve(config.dataDir);
  // What is refused for a port leaves nothing behind; that the folder is held tells more than that its ports are taken.
  await refuseHeld(dataDir);
  const addresses = await addressesOf(config);
  await prepareFolder(dataDir);
  const lock = await namingFolder(dataDir, () => holdFolder(dataDir));
  const started = new Started(dataDir, lock, interrupts);
  try {
    await started.start(addresses, given);
    return started;
  } catch (error) {
    // Why it did not start is told, whatever else comes of it.
    await Promise.allSettled([started.stop()]);
    throw namingFullDisk(dataDir, error);
  }
};

const addressesOf = async ({ host, port, simulatorPort }: StandaloneConfig): Promise<Addresses> => ({
  host,
  port: await portOf(port, host, 'STRATA_PORT'),
  simulatorPort: await portOf(simulatorPort, '127.0.0.1', 'STRATA_SIMULATOR_PORT'),
});

class Started implements Standalone {
  private postgres: EmbeddedPostgres | undefined;
  private simulator: Child | undefined;
  /** Of Strata itself. */
  private readonly children: Child[] = [];
  private known: Credentials | undefined;
  private breakDown: (why: string) => void = () => undefined;
  readonly processes: Record<string, number> = {};
  readonly broken = new Promise<string>((tell) => (this.breakDown = tell));

  constructor(
    readonly dataDir: string,
    private readonly lock: FolderLock,
    private readonly interrupts: Interrupts,
  ) {
    interrupts.force.addEventListener('abort', () => this.kill(), { once: true });
  }

  get credentials(): Credentials {
    if (this.known === undefined) throw new Error('not started');
    return this.known;
  }

  async start(addresses: Addresses, given: Readonly<Record<string, string | undefined>>): Promise<void> {
    const keys = await namingFolder(this.dataDir, () => keysOf(this.dataDir));
    const databases = await this.startDatabase(keys);
    const simulatorFolder = join(this.dataDir, 'simulator');
    const environments = environmentsOf({ given, databases, keys, addresses, simulatorFolder });
    this.simulator = this.spawn('simulator', environments.simulator);
    await this.simulator.ready(this.interrupts.stop);
    this.known = await this.step(() => seedFolder(this.dataDir, databases.api, addresses));
    await Promise.all([
      this.startChild('api', environments.api),
      this.startChild('projector', environments.projector),
      this.startChild('worker', environments.worker),
    ]);
    await writePrivately(join(this.dataDir, 'credentials.json'), this.known);
  }

  /** Work on the database comes to its end once it was begun (a migration is never cut off); it is not begun any more after a stop. */
  private step<Result>(work: () => Promise<Result>): Promise<Result> {
    this.interrupts.stop.throwIfAborted();
    return work();
  }

  /** The cloud after its workers: what they have sent is answered, or a stop would be an outage of it. */
  async stop(): Promise<void> {
    await Promise.all(this.children.map((child) => child.stop(childGraceMs)));
    await this.simulator?.stop(simulatorGraceMs);
    await this.postgres?.stop();
    await this.lock.release();
  }

  /** Everything at once, as a crash would; the next start recovers. */
  private kill(): void {
    for (const child of [...this.children, ...(this.simulator ? [this.simulator] : [])]) child.kill();
    void this.postgres?.stop('immediate');
  }

  private async startDatabase(keys: Keys): Promise<DatabaseUrls> {
    const logFile = join(this.dataDir, 'logs', 'postgres.log');
    const postgres = await this.step(() =>
      launchPostgres({
        dataDir: join(this.dataDir, 'postgres'),
        password: keys.postgresPassword,
        logFile,
        settings: postgresSettings,
        endsWithParent: true,
        signal: this.interrupts.stop,
      }),
    );
    this.postgres = postgres;
    this.processes['postgres'] = postgres.pid;
    void postgres.exited.then(async () => this.breakDown(await withLogTail('PostgreSQL ended', logFile)));
    const { ownerPassword: owner, apiPassword: api, workerPassword: worker } = keys;
    const databases = await this.step(() => bootstrap(postgres.adminUrl, { passwords: { owner, api, worker } }));
    // A kill during the first start may have cut a migration off; nobody else works in this folder.
    await this.step(() => migrate(databases.admin, { retryUnfinished: true }));
    await this.step(() => preparePostgresQueue({ ownerUrl: databases.admin, roles: ['strata_worker'] }));
    return databases;
  }

  private async startChild(name: ChildSettings['name'], env: Readonly<Record<string, string>>): Promise<void> {
    const child = this.spawn(name, env);
    this.children.push(child);
    await child.ready(this.interrupts.stop);
  }

  private spawn(name: ChildSettings['name'], env: Readonly<Record<string, string>>): Child {
    const logFile = join(this.dataDir, 'logs', `${name}.log`);
    this.interrupts.stop.throwIfAborted();
    const child = Child.spawn({ name, env, logFile, readyWithinMs, onEnd: (how) => this.breakDown(how) });
    this.processes[name] = child.pid;
    return child;
  }
}
