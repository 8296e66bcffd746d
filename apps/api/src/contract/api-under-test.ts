import { loadApiConfig, type ApiConfig } from '@strata/config';
import { cataloguesOfDisks, viewsOfDisks } from '@strata/disks';
import { amongAll, EventTypes } from '@strata/event-store';
import {
  FollowerRunner,
  PostgresEventStore,
  PostgresPeople,
  PostgresQuotaLedger,
  readPool,
} from '@strata/event-store/postgres';
import { cataloguesOfOperations, viewsOfOperations } from '@strata/operations';
import {
  cataloguesOfProjects,
  issueSeedTokens,
  seed,
  viewsOfProjects,
  type Seeded,
  type SeedTokens,
} from '@strata/projects';
import { cataloguesOfSnapshots, viewsOfSnapshots } from '@strata/snapshots';
import { startTestPostgres, type TestDatabase } from '@strata/testing';
import { pino } from 'pino';
import { createApi, type Api } from '../api.js';

const types = new EventTypes([
  ...cataloguesOfProjects,
  ...cataloguesOfOperations,
  ...cataloguesOfDisks,
  ...cataloguesOfSnapshots,
]);

/** Nothing listens there: the api never asks. */
const simulator = {
  region: 'eu-de',
  endpoints: { iam: 'http://127.0.0.1:1', evs: 'http://127.0.0.1:1' },
  cloudProjectId: '0123456789abcdef0123456789abcdef',
  credentials: { ref: 'simulator' },
};

const views = [...viewsOfProjects, ...viewsOfOperations, ...viewsOfDisks, ...viewsOfSnapshots].map((view) =>
  amongAll(view, types),
);

export const logger = pino({ level: 'silent' });

export const configFor = (url: string): ApiConfig =>
  loadApiConfig({ DATABASE_URL: url, STRATA_CURSOR_KEY: 'ab'.repeat(32), STRATA_PORT: '0' });

export interface ApiUnderTest {
  readonly api: Api;
  readonly database: TestDatabase;
  readonly store: PostgresEventStore;
  readonly seeded: Seeded;
  readonly tokens: SeedTokens;
  /** The ids of a new disk and of the operation that makes it. */
  requestDisk(projectId: string, token: string): Promise<{ readonly diskId: string; readonly operationId: string }>;
  close(): Promise<void>;
}

const requestDisk = async (url: string, projectId: string, token: string) => {
  const response = await fetch(`${url}/v1/projects/${projectId}/disks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'known', sizeGiB: 10, type: 'SSD', availabilityZone: 'eu-de-01' }),
  });
  const operation = (await response.json()) as { id: string; target: { id: string } };
  return { operationId: operation.id, diskId: operation.target.id };
};

/** The api on a PostgreSQL of its own, seeded as the embedded mode is, its views followed; no queue and no cloud. */
export const openApi = async (): Promise<ApiUnderTest> => {
  const postgres = await startTestPostgres();
  const database = await postgres.createDatabase();
  const store = new PostgresEventStore({ url: database.api, types });
  const ports = { store, ledger: new PostgresQuotaLedger(store.pool), people: new PostgresPeople(store.pool) };
  const seeded = await seed(ports, simulator);
  const tokens = await issueSeedTokens(ports, seeded);
  const pool = readPool(database.worker, 4, 10_000);
  const runner = new FollowerRunner({ pool, store, types, projections: views });
  await runner.start();
  const api = await createApi(configFor(database.api), logger, { checkAnswers: true });
  return {
    api,
    database,
    store,
    seeded,
    tokens,
    requestDisk: (projectId, token) => requestDisk(api.url, projectId, token),
    close: async () => {
      await api.close();
      await runner.stop();
      await pool.end();
      await store.close();
      await postgres.stop();
    },
  };
};
