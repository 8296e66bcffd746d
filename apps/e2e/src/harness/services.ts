import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventTypes } from '@strata/event-store';
import {
  bootstrap,
  type DatabaseUrls,
  PostgresEventStore,
  PostgresPeople,
  PostgresQuotaLedger,
} from '@strata/event-store/postgres';
import { bindingEvents, issueSeedTokens, projectEvents, seed, type Seeded, type SeedTokens } from '@strata/projects';
import { preparePostgresQueue } from '@strata/queue/bullmq';
import { freePort, type OwnTestPostgres, startOwnTestPostgres } from '@strata/testing';
import { Client } from './client.js';
import { entryOf } from './entries.js';
import { type Program, Service, type ServiceSettings } from './service.js';
import { cloudProjectId, SimulatedCloud } from './simulated-cloud.js';

export interface ServicesOptions {
  /** Absent: the queue lies in PostgreSQL. */
  readonly redisUrl?: string;
  readonly workers?: number;
  /** Of api, projector and workers alike, on top of what they need. */
  readonly env?: Readonly<Record<string, string>>;
  readonly workerProgram?: () => Program;
  readonly onWorkerEnd?: (program: Program) => void;
}

/** The access keys that the simulator knows from the start, and what somebody has who does not know the secret. */
export const simulatorKeys = {
  accessKey: 'STRATASIMULATOR00001',
  secretKey: 'strata-simulator-secret-key-of-the-user0',
};
export const forgedKeys = { ...simulatorKeys, secretKey: 'forged-secret-key-0001', securityToken: 'forged-token-0001' };
export const simulatorCredentials = { domain: 'strata-simulator', user: 'strata', password: 'strata-simulator' };
const newSecret = (): string => randomBytes(32).toString('base64url');

/** Strata as services, each a process of its own on what was built, with a PostgreSQL and a simulator of their own. */
export class Services {
  private constructor(
    readonly folder: string,
    readonly postgres: OwnTestPostgres,
    readonly database: DatabaseUrls,
    readonly secrets: {
      readonly cursorKey: string;
      readonly owner: string;
      readonly api: string;
      readonly worker: string;
    },
    readonly seeded: Seeded,
    readonly tokens: SeedTokens,
    readonly apiUrl: string,
    readonly cloud: SimulatedCloud,
    readonly simulator: Service,
    readonly api: Service,
    readonly projector: Service,
    readonly workers: readonly Service[],
  ) {}

  static async start(options: ServicesOptions = {}): Promise<Services> {
    const folder = await mkdtemp(join(tmpdir(), 'strata-services-'));
    await mkdir(join(folder, 'logs'));
    const postgres = await startOwnTestPostgres();
    // Passwords that nobody else has: so that they can be looked for.
    const passwords = { owner: newSecret(), api: newSecret(), worker: newSecret() };
    const { name } = await postgres.createDatabase();
    const database = await bootstrap(postgres.adminUrl, { database: name, passwords });
    await preparePostgresQueue({ ownerUrl: database.admin, roles: ['strata_worker'] });
    const [apiPort, simulatorPort] = [await freePort(), await freePort()];
    const simulatorUrl = `http://127.0.0.1:${simulatorPort}`;
    const { seeded, tokens } = await seedDatabase(database.api, simulatorUrl);
    const cursorKey = newSecret();

    const service = (settings: Pick<ServiceSettings, 'name' | 'env'> & Partial<ServiceSettings>) =>
      new Service({
        program: () => ({ entry: '' }),
        logFile: join(folder, 'logs', `${settings.name}.log`),
        ...settings,
      });
    const behindQueue = {
      DATABASE_URL: database.worker,
      ...(options.redisUrl === undefined ? {} : { REDIS_URL: options.redisUrl }),
      ...options.env,
    };
    const workerEnv = {
      STRATA_CLOUD_REQUESTS_PER_SECOND: '5000',
      ...behindQueue,
      STRATA_CREDENTIALS_SIMULATOR: JSON.stringify(simulatorCredentials),
      STRATA_CREDENTIALS_KEYS: JSON.stringify(simulatorKeys),
      STRATA_CREDENTIALS_FORGED: JSON.stringify(forgedKeys),
    };
    const services = new Services(
      folder,
      postgres,
      database,
      { cursorKey, ...passwords },
      seeded,
      tokens,
      `http://127.0.0.1:${apiPort}`,
      new SimulatedCloud(simulatorUrl),
      service({
        name: 'simulator',
        program: () => ({ entry: entryOf('simulator') }),
        env: { STRATA_SIMULATOR_PORT: String(simulatorPort), STRATA_SIMULATOR_DIR: join(folder, 'simulator') },
      }),
      service({
        name: 'api',
        program: () => ({ entry: entryOf('api') }),
        env: {
          DATABASE_URL: database.api,
          STRATA_CURSOR_KEY: cursorKey,
          STRATA_PORT: String(apiPort),
          ...options.env,
        },
        restarts: true,
      }),
      service({
        name: 'projector',
        program: () => ({ entry: entryOf('projector') }),
        env: behindQueue,
        restarts: true,
      }),
      Array.from({ length: options.workers ?? 1 }, (_, i) =>
        service({
          name: `worker-${i}`,
          program: options.workerProgram ?? (() => ({ entry: entryOf('worker') })),
          env: workerEnv,
          restarts: true,
          ...(options.onWorkerEnd === undefined ? {} : { onEnd: options.onWorkerEnd }),
        }),
      ),
    );
    await services.simulator.start();
    await Promise.all([services.api, services.projector, ...services.workers].map((each) => each.start()));
    return services;
  }

  get alpha(): Client {
    return new Client(this.apiUrl, this.tokens.alpha);
  }

  get beta(): Client {
    return new Client(this.apiUrl, this.tokens.beta);
  }

  get admin(): Client {
    return new Client(this.apiUrl, this.tokens.platformAdmin);
  }

  /** Room for as many disks as a test asks for. */
  async raiseLimits(projectId: string): Promise<void> {
    const limits = [
      { dimension: 'disks', limit: 'unlimited' },
      { dimension: 'gigabytes', limit: 'unlimited' },
    ];
    const { status, body } = await this.admin.call('PUT', `/v1/projects/${projectId}/quota/limits`, {
      body: { limits },
    });
    if (status !== 200) throw new Error(`limits were answered ${status}: ${JSON.stringify(body)}`);
  }

  get all(): readonly Service[] {
    return [this.simulator, this.api, this.projector, ...this.workers];
  }

  /** Everything stops; the folder with the logs goes, unless somebody wants to read them. */
  async stop({ keepLogs = false } = {}): Promise<void> {
    await Promise.all(this.all.map((service) => service.stop()));
    await this.postgres.stop();
    if (!keepLogs) await rm(this.folder, { recursive: true, force: true });
  }
}

const seedDatabase = async (url: string, simulatorUrl: string): Promise<{ seeded: Seeded; tokens: SeedTokens }> => {
  const store = new PostgresEventStore({ url, types: new EventTypes([projectEvents, bindingEvents]), poolSize: 2 });
  try {
    const ports = { store, ledger: new PostgresQuotaLedger(store.pool), people: new PostgresPeople(store.pool) };
    const endpoints = { iam: simulatorUrl, evs: simulatorUrl, ecs: `${simulatorUrl}/ecs`, ims: `${simulatorUrl}/ims` };
    const seeded = await seed(ports, { region: 'eu-de', endpoints, cloudProjectId, credentials: { ref: 'simulator' } });
    return { seeded, tokens: await issueSeedTokens(ports, seeded) };
  } finally {
    await store.close();
  }
};
