import { createApi } from '@strata/api';
import { loadApiConfig } from '@strata/config';
import { startTestPostgres } from '@strata/testing';
import { pino } from 'pino';

/** An operation of Strata's own API. */
export interface Command {
  /** `POST /v1/projects/{projectId}/disks` */
  readonly call: string;
  /** Answered with an operation, which a worker carries out. */
  readonly isCarriedOut: boolean;
}

interface Description {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly operationId: string; readonly responses: object }>>>
  >;
}

/** By operationId, from the description that a running api gives of itself. */
export const describedCommands = async (): Promise<ReadonlyMap<string, Command>> => {
  const postgres = await startTestPostgres();
  try {
    const { api: url } = await postgres.createDatabase();
    const config = loadApiConfig({ DATABASE_URL: url, STRATA_CURSOR_KEY: 'ab'.repeat(32), STRATA_PORT: '0' });
    const api = await createApi(config, pino({ level: 'silent' }));
    try {
      return commandsIn((await (await fetch(`${api.url}/openapi.json`)).json()) as Description);
    } finally {
      await api.close();
    }
  } finally {
    await postgres.stop();
  }
};

const commandsIn = ({ paths }: Description): ReadonlyMap<string, Command> =>
  new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId, responses }]) => [
        operationId,
        { call: `${method.toUpperCase()} ${path}`, isCarriedOut: '202' in responses },
      ]),
    ),
  );
