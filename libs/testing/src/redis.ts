import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '@strata/event-store/embedded';
import { until } from './until.js';

/** A `redis-server` of one's own on a free port of loopback, without persistence. */
export class TestRedis {
  private process: ChildProcess | undefined;

  private constructor(
    private readonly port: number,
    private readonly directory: string,
  ) {}

  static async start(): Promise<TestRedis> {
    const server = new TestRedis(await freePort(), await mkdtemp(join(tmpdir(), 'strata-redis-')));
    await server.resume();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}/0`;
  }

  /** Starts it again, empty, where it was. */
  async resume(): Promise<void> {
    if (this.process) return;
    const options = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const child = spawn('redis-server', [...options, '--dir', this.directory], { stdio: 'ignore' });
    const missing = once(child, 'error').then(([error]) => {
      throw new Error('redis-server cannot be run: install it, or use a machine that has it', { cause: error });
    });
    this.process = child;
    await Promise.race([missing, until('redis-server answers', () => this.answers())]);
  }

  /** As a crash would: nothing is said to its clients. */
  async kill(): Promise<void> {
    const child = this.process;
    if (!child) return;
    this.process = undefined;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async wipe(): Promise<void> {
    await this.asked((client) => client.flushall());
  }

  async end(): Promise<void> {
    await this.kill();
    await rm(this.directory, { recursive: true, force: true });
  }

  private answers(): Promise<boolean> {
    return this.asked((client) => client.ping()).then(
      () => true,
      () => false,
    );
  }

  private async asked(ask: (client: Redis) => Promise<unknown>): Promise<void> {
    const client = new Redis(this.url, { lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => undefined); // told by the rejection of what was asked
    try {
      await client.connect();
      await ask(client);
    } finally {
      client.disconnect();
    }
  }
}
