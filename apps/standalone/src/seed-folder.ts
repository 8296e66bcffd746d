import { isIPv6 } from 'node:net';
import { EventTypes } from '@strata/event-store';
import { PostgresEventStore, PostgresPeople, PostgresQuotaLedger } from '@strata/event-store/postgres';
import { bindingEvents, issueSeedTokens, projectEvents, seed, type Seeded, type SeedTokens } from '@strata/projects';
import type { Addresses } from './environment.js';
import { readCredentials } from './read-credentials.js';

/** `credentials.json`, as black-box clients read it. */
export interface Credentials extends Seeded {
  readonly apiUrl: string;
  readonly simulatorUrl: string;
  readonly tokens: SeedTokens;
}

/** Known to the simulator from its first start. */
const cloudProjectId = '0123456789abcdef0123456789abcdef';
const region = 'eu-de';

/**
 * Projects, limits, the binding and tokens; what is there already stays. Tokens are issued on the first start only: the log
 * keeps no secret, so whoever loses `credentials.json` gets new ones.
 */
export const seedFolder = async (dataDir: string, apiDatabaseUrl: string, at: Addresses): Promise<Credentials> => {
  const apiUrl = `http://${isIPv6(at.host) ? `[${at.host}]` : at.host}:${at.port}`;
  const simulatorUrl = `http://127.0.0.1:${at.simulatorPort}`;
  const types = new EventTypes([projectEvents, bindingEvents]);
  const store = new PostgresEventStore({ url: apiDatabaseUrl, poolSize: 2, types });
  try {
    const ledger = new PostgresQuotaLedger(store.pool);
    const ports = { store, ledger, people: new PostgresPeople(store.pool) };
    const endpoints = { iam: simulatorUrl, evs: simulatorUrl, ecs: `${simulatorUrl}/ecs`, ims: `${simulatorUrl}/ims` };
    const seeded = await seed(ports, { region, endpoints, cloudProjectId, credentials: { ref: 'simulator' } });
    const before = await readCredentials(dataDir);
    const tokens = before?.tokens ?? (await issueSeedTokens(ports, seeded));
    return { apiUrl, simulatorUrl, tokens, ...seeded };
  } finally {
    await store.close();
  }
};
