import type { DatabaseUrls } from '@strata/event-store/postgres';
import type { Keys } from './keys.js';

/** The account of the simulator: a constant of a local simulator, no secret. */
const simulatorCredentials = { domain: 'strata-simulator', user: 'strata', password: 'strata-simulator' };

export interface Addresses {
  readonly host: string;
  readonly port: number;
  readonly simulatorPort: number;
}

export interface EnvironmentParts {
  /** Of the embedded mode itself: what somebody set there reaches the processes. */
  readonly given: Readonly<Record<string, string | undefined>>;
  readonly databases: DatabaseUrls;
  readonly keys: Keys;
  readonly addresses: Addresses;
  readonly simulatorFolder: string;
}

/** What each process is told: only what it needs, so that the worker's database role never reaches the api. */
export const environmentsOf = ({ given, databases, keys, addresses, simulatorFolder }: EnvironmentParts) => {
  const passedOn = Object.fromEntries(
    Object.entries(given).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && (entry[0] === 'PATH' || entry[0] === 'TZ' || entry[0].startsWith('STRATA_')),
    ),
  );
  const worker = { ...passedOn, DATABASE_URL: databases.worker };
  return {
    simulator: {
      ...passedOn,
      STRATA_SIMULATOR_PORT: String(addresses.simulatorPort),
      STRATA_SIMULATOR_HOST: '127.0.0.1',
      STRATA_SIMULATOR_DIR: simulatorFolder,
    },
    api: {
      ...passedOn,
      DATABASE_URL: databases.api,
      // Server and callers work on the same cores: more statements at a time would be no sooner done, and keep the api waiting.
      STRATA_DATABASE_POOL_SIZE: passedOn['STRATA_DATABASE_POOL_SIZE'] ?? '4',
      STRATA_CURSOR_KEY: keys.cursorKey,
      STRATA_HOST: addresses.host,
      STRATA_PORT: String(addresses.port),
    },
    projector: worker,
    worker: {
      ...worker,
      // The simulator bears more than a cloud; what is asked of it is bounded all the same.
      STRATA_CLOUD_REQUESTS_PER_SECOND: passedOn['STRATA_CLOUD_REQUESTS_PER_SECOND'] ?? '5000',
      STRATA_CREDENTIALS_SIMULATOR: JSON.stringify(simulatorCredentials),
    },
  };
};
