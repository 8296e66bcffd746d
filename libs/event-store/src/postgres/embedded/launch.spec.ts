import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { until } from '@strata/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from './free-port.js';
import { type EmbeddedPostgres, launchPostgres, type LaunchOptions, OtherMajorVersion } from './launch.js';
import { embeddedSettings } from './settings.js';

let folder: string;
let running: EmbeddedPostgres[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-launch-'));
  await chmod(folder, 0o755);
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((server) => server.stop('immediate')));
  await rm(folder, { recursive: true, force: true });
});

const launch = async (change: Partial<LaunchOptions> = {}) => {
  const server = await launchPostgres({
    dataDir: join(folder, 'data'),
    password: `p'"/@ä`,
    logFile: join(folder, 'log'),
    settings: embeddedSettings,
    endsWithParent: true,
    ...change,
  });
  running.push(server);
  return server;
};

const query = async (server: EmbeddedPostgres, sql: string) => {
  const client = new pg.Client({ connectionString: server.adminUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
};

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/**
 * The next launch does not come to its end: the server is told to recover from an archive, and the command that fetches from
 * there waits for somebody to write into a pipe.
 */
const keptStarting = async () => {
  const pipe = join(folder, 'archive');
  const recovery = join(folder, 'data', 'recovery.signal');
  await promisify(execFile)('mkfifo', ['-m', '666', pipe]);
  await writeFile(recovery, '', { mode: 0o644 });
  return {
    settings: { ...embeddedSettings, restore_command: `cat ${pipe}` },
    forNextTime: () => rm(recovery),
  };
};

const pidOfServer = async (): Promise<number> => {
  const pidFile = join(folder, 'data', 'postmaster.pid');
  const pid = async () => Number.parseInt(await readFile(pidFile, 'utf8').catch(() => ''), 10);
  await until('the server has written its pid', async () => (await pid()) > 1);
  return pid();
};

describe('embedded PostgreSQL', () => {
  it('keeps what was committed, over a stop and over a crash', async () => {
    const first = await launch();
    await query(first, 'create table kept (n int); insert into kept values (1)');
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    const second = await launch();
    await query(second, 'insert into kept values (2)');
    await second.stop('immediate');
    const third = await launch({ port: await freePort() });
    expect(await query(third, 'select n from kept order by n')).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('stays durable whatever its settings are for', async () => {
    const server = await launch();
    const names = ['fsync', 'synchronous_commit', 'full_page_writes'];
    const settings = await Promise.all(names.map((name) => query(server, `show ${name}`)));
    expect(settings.flatMap((rows) => rows.flatMap(Object.values))).toEqual(['on', 'on', 'on']);
  });

  it('listens on loopback only, and lets nobody in without the password', async () => {
    const server = await launch();
    expect(await query(server, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    const stranger = new pg.Client({ connectionString: server.adminUrl.replace(/:[^:@]*@/, ':wrong@') });
    await expect(stranger.connect()).rejects.toMatchObject({ code: '28P01' });
  });

  it('takes over a folder whose server outlived the process that started it', async () => {
    const orphan = await launch({ endsWithParent: false });
    await query(orphan, 'create table kept (n int)');
    const next = await launch();
    await orphan.exited;
    expect(isAlive(orphan.pid)).toBe(false);
    expect(await query(next, 'select * from kept')).toEqual([]);
  });

  it('is not kept from a folder by a pid file whose number was given to another program', async () => {
    await (await launch()).stop();
    await writeFile(join(folder, 'data', 'postmaster.pid'), `${process.pid}\n${join(folder, 'data')}\n`);
    expect(await query(await launch(), 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('begins again where a kill left half a folder', async () => {
    await writeFile(join(folder, 'data.unfinished'), 'half');
    expect(await query(await launch(), 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('refuses a folder of another major version, and says what to do', async () => {
    await (await launch()).stop();
    await writeFile(join(folder, 'data', 'PG_VERSION'), '14\n');
    const refused = await launch().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(OtherMajorVersion);
    expect((refused as Error).message).toMatch(/PostgreSQL 14.*Dump it/);
  });

  it('says why it did not start', async () => {
    await expect(launch({ settings: { shared_buffers: 'nonsense' } })).rejects.toThrow(/invalid value for parameter/);
  });

  it('is called off while the folder is being made, and the next launch is as if it had not been', async () => {
    const called = new AbortController();
    const launched = launch({ signal: called.signal }).catch((error: unknown) => error);
    await until('initdb has begun', () => existsSync(join(folder, 'data.unfinished')));
    called.abort('no longer wanted');
    expect(await launched).toBe('no longer wanted');
    expect(await query(await launch(), 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('is called off while the server is starting, and the next launch is as if it had not been', async () => {
    await (await launch()).stop();
    const called = new AbortController();
    const held = await keptStarting();
    const launched = launch({ signal: called.signal, settings: held.settings }).catch((error: unknown) => error);
    const pid = await pidOfServer();
    called.abort('no longer wanted');
    expect(await launched).toBe('no longer wanted');
    expect(isAlive(pid)).toBe(false);
    await held.forNextTime();
    expect(await query(await launch(), 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('tells when the server ends by itself', async () => {
    const server = await launch();
    process.kill(server.pid, 'SIGQUIT');
    await server.exited;
    await until('the process is gone', () => !isAlive(server.pid));
  });
});
