import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { postgresBinaries } from './binaries.js';
import { freePort, portsOfDatabases } from './free-port.js';
import { postgresUser, startAs, type SystemUser } from './system-user.js';

export interface LaunchOptions {
  /** Folder of the cluster; made when it is missing. Whoever calls must hold it: two launches on one folder are not told apart. */
  readonly dataDir: string;
  /** Loopback port; 0 or none takes a free one. */
  readonly port?: number | undefined;
  /** Password of the superuser `postgres`. */
  readonly password: string;
  /** Where the server writes its log. */
  readonly logFile: string;
  /** Further settings (`postgresql.conf` names). */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Asks the server to stop when this process dies, however it dies (Linux with setpriv). For tests. */
  readonly endsWithParent?: boolean;
  /** Aborted: the launch ends with its reason, and nothing of it goes on running. Without effect once it has succeeded. */
  readonly signal?: AbortSignal;
}

export interface EmbeddedPostgres {
  readonly port: number;
  readonly pid: number;
  /** Superuser on the database `postgres`. */
  readonly adminUrl: string;
  /** Resolves when the server has ended, whoever ended it. */
  readonly exited: Promise<void>;
  /** `fast` rolls back what is open and writes a checkpoint; `immediate` is a crash from which the next start recovers. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
}

/** The folder belongs to another major version of PostgreSQL. */
export class OtherMajorVersion extends Error {
  override readonly name = 'OtherMajorVersion';
}

/**
 * For the C library of the server (glibc): a backend keeps this much of the memory that a statement has given back. Without,
 * each large statement, as those of the lane, asks the kernel for its memory anew. In bytes.
 */
const keptMemory = { MALLOC_TRIM_THRESHOLD_: '1048576', MALLOC_TOP_PAD_: '262144' };

const MAJOR_VERSION = '18';
const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 8_000;

const textOf = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });

const finished = async (child: ChildProcess, what: string, output: () => string): Promise<void> => {
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${what} failed (${code ?? 'killed'}): ${output()}`);
};

/** initdb into a folder beside, then one rename: a kill in between leaves nothing half made. */
const initialise = async (options: LaunchOptions, user: SystemUser | undefined): Promise<void> => {
  const { initdb } = await postgresBinaries();
  const unfinished = `${options.dataDir}.unfinished`;
  const passwordFile = `${unfinished}.${randomBytes(4).toString('hex')}`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700, recursive: true });
  await writeFile(passwordFile, options.password, { mode: 0o600 });
  try {
    if (user) await Promise.all([unfinished, passwordFile].map((path) => chown(path, user.uid, user.gid)));
    const start = await startAs(
      user,
      initdb,
      [
        ...['-D', unfinished, '-U', 'postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '-E', 'UTF8'],
        ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'],
      ],
      { paths: [unfinished], endsWithParent: false },
    );
    options.signal?.throwIfAborted();
    let output = '';
    const child = spawn(start.command, start.args, {
      ...start,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { LC_ALL: 'C' },
    });
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const cutOff = () => child.kill();
    options.signal?.addEventListener('abort', cutOff, { once: true });
    try {
      await finished(child, 'initdb', () => output);
    } finally {
      options.signal?.removeEventListener('abort', cutOff);
      options.signal?.throwIfAborted();
    }
    await rename(unfinished, options.dataDir);
  } finally {
    await rm(passwordFile, { force: true });
  }
};

/** Of this user's processes; others count as gone. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** A server that outlived its parent (kill -9 of the parent): it is asked to stop, since nobody else may hold the folder. */
const stopLeftover = async (dataDir: string): Promise<void> => {
  const pidFile = join(dataDir, 'postmaster.pid');
  const pid = Number((await textOf(pidFile))?.split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid)) return;
  const command = await textOf(`/proc/${pid}/cmdline`);
  if (command !== undefined && !command.includes(dataDir)) {
    // The number was given to another program (a restarted container begins to count anew): PostgreSQL would not start.
    return rm(pidFile);
  }
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    process.kill(pid, signal);
    const deadline = Date.now() + STOP_DEADLINE_MS;
    while (isAlive(pid) && Date.now() < deadline) await pause(20);
    if (!isAlive(pid)) return;
  }
  throw new Error(`PostgreSQL (process ${pid}) still runs in ${dataDir} and does not stop`);
};

/** The server writes "ready" into the eighth line of its pid file: what pg_ctl waits for too. */
const untilReady = async (
  { dataDir, signal }: LaunchOptions,
  child: ChildProcess,
  log: () => Promise<string>,
): Promise<void> => {
  const deadline = Date.now() + START_DEADLINE_MS;
  while (Date.now() < deadline) {
    signal?.throwIfAborted();
    if (child.exitCode !== null || child.signalCode !== null) break;
    const lines = (await textOf(join(dataDir, 'postmaster.pid')))?.split('\n');
    if (Number(lines?.[0]) === child.pid && lines?.[7]?.trim() === 'ready') return;
    await pause(15);
  }
  throw new Error(`PostgreSQL did not start in ${dataDir}: ${await log()}`);
};

/** Starts PostgreSQL from npm in its own process group, on loopback TCP only. */
export const launchPostgres = async (options: LaunchOptions): Promise<EmbeddedPostgres> => {
  const { dataDir, logFile } = options;
  const user = await postgresUser();
  await mkdir(dirname(dataDir), { recursive: true });
  const version = (await textOf(join(dataDir, 'PG_VERSION')))?.trim();
  if (version === undefined) await initialise(options, user);
  else if (version !== MAJOR_VERSION) {
    throw new OtherMajorVersion(
      `${dataDir} belongs to PostgreSQL ${version}; this is ${MAJOR_VERSION}. Dump it with its own version and restore it here, or name another folder`,
    );
  }
  await stopLeftover(dataDir);
  options.signal?.throwIfAborted();

  const port = options.port || (await freePort({ among: portsOfDatabases }));
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    ...options.settings,
  };
  const { postgres } = await postgresBinaries();
  const start = await startAs(
    user,
    postgres,
    ['-D', dataDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { paths: [dataDir], endsWithParent: options.endsWithParent ?? false },
  );
  const log = await open(logFile, 'a', 0o600);
  const child = spawn(start.command, start.args, {
    ...start,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin', ...keptMemory },
  });
  const exited = once(child, 'exit').then(() => undefined);
  await log.close();
  const stop = async (mode: 'fast' | 'immediate' = 'fast'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    const impatience = setTimeout(() => child.kill('SIGQUIT'), STOP_DEADLINE_MS);
    await exited;
    clearTimeout(impatience);
  };
  child.unref();
  try {
    await untilReady(options, child, async () => (await textOf(logFile))?.slice(-2_000) ?? '');
  } catch (error) {
    await stop();
    throw error;
  }
  const adminUrl = `postgresql://postgres:${encodeURIComponent(options.password)}@127.0.0.1:${port}/postgres`;
  return { port, pid: child.pid ?? 0, adminUrl, exited, stop };
};
