import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { type DatabaseUrls, databaseUrls } from '@strata/event-store/postgres';
import { passwords, template } from './prepared-cluster.js';
import { until } from './until.js';

const leaveMs = 1_000;

export interface TestDatabase extends DatabaseUrls {
  readonly name: string;
  drop(): Promise<void>;
}

/** Databases of one server, each a copy of the template. What is not dropped goes with `end`. */
export class TestDatabases {
  private readonly admin: pg.Pool;
  private readonly names = new Set<string>();

  constructor(private readonly adminUrl: string) {
    this.admin = new pg.Pool({ connectionString: adminUrl, max: 4, allowExitOnIdle: true });
    this.admin.on('error', () => undefined); // a server that is crashed on purpose
  }

  async create(): Promise<TestDatabase> {
    const name = `test_${randomBytes(6).toString('hex')}`;
    await this.admin.query(`create database ${name} template ${template} strategy file_copy`);
    this.names.add(name);
    return { name, ...databaseUrls(this.adminUrl, name, passwords), drop: () => this.drop(name) };
  }

  async dropAll(): Promise<void> {
    for (const name of this.names) await this.drop(name);
  }

  async end(): Promise<void> {
    await this.admin.end();
  }

  /** A pool that was ended still has connections for a moment; an end by the server would be an error in it. */
  async clientsLeave(names: readonly string[] = [...this.names]): Promise<void> {
    const clients = 'select from pg_stat_activity where datname = any($1)';
    const left = async () => (await this.admin.query(clients, [names])).rowCount === 0;
    await until('the clients left', left, leaveMs).catch(() => undefined); // what stays was left open on purpose
  }

  private async drop(name: string): Promise<void> {
    await this.clientsLeave([name]);
    await this.admin.query(`drop database if exists ${name} with (force)`);
    this.names.delete(name);
  }
}
