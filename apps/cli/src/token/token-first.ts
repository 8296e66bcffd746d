import { EventTypes } from '@strata/event-store';
import { PostgresEventStore, PostgresPeople, PostgresQuotaLedger } from '@strata/event-store/postgres';
import { bindingEvents, issueFirstToken, projectEvents } from '@strata/projects';
import { type Invocation, textOption } from '../call/command.js';
import { exitCode, type ExitCode } from '../call/exit-code.js';
import { unusable } from '../call/fault.js';
import { say } from '../call/terminal.js';
import { databaseUrl } from '../database/database.js';

/** The token is the only line of the output, so that a script can keep it. */
export const issue = async (invocation: Invocation): Promise<ExitCode> => {
  const { config, terminal, signal } = invocation;
  const name = textOption(invocation, 'name') ?? 'platform admin';
  if (name.trim() === '') throw unusable('--name must not be empty');
  const types = new EventTypes([projectEvents, bindingEvents]);
  const store = new PostgresEventStore({ url: await databaseUrl(config), types, poolSize: 2 });
  try {
    signal.throwIfAborted();
    const ports = { store, ledger: new PostgresQuotaLedger(store.pool), people: new PostgresPeople(store.pool) };
    say(terminal.out, await issueFirstToken(ports, name));
    return exitCode.ok;
  } finally {
    await store.close();
  }
};
