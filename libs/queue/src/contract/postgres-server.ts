import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, freePort, launchPostgres } from '@strata/testing';
import pg from 'pg';

/** A PostgreSQL that can be crashed and started again with its data, at the same port. */
export class PostgresServer {
  private running: EmbeddedPostgres | undefined;

  private constructor(
    private readonly port: number,
    private readonly directory: string,
  ) {}

  static async start(): Promise<PostgresServer> {
    const directory = await mkdtemp(join(tmpdir(), 'strata-queue-'));
    await chmod(directory, 0o755); // as root the server runs as another user, who must get through
    const server = new PostgresServer(await freePort(), directory);
    await server.resume();
    return server;
  }

  /** Every role has the same password. */
  urlOf(role: string): string {
    return `postgresql://${role}:loopback@127.0.0.1:${this.port}/postgres`;
  }

  async resume(): Promise<void> {
    this.running ??= await launchPostgres({
      dataDir: join(this.directory, 'cluster'),
      logFile: join(this.directory, 'log'),
      port: this.port,
      password: 'loopback',
      endsWithParent: true,
    });
  }

  async crash(): Promise<void> {
    await this.running?.stop('immediate');
    this.running = undefined;
  }

  async end(): Promise<void> {
    await this.crash();
    await rm(this.directory, { recursive: true, force: true });
  }

  async query(sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: this.urlOf('postgres') });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  }
}
