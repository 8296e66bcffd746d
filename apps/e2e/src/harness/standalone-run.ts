import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@strata/testing';
import { Client } from './client.js';
import { entryOf } from './entries.js';
import { eventually } from './eventually.js';
import { familyOf, runningOf, signalAll } from './process-tree.js';
import { SimulatedCloud } from './simulated-cloud.js';

/** `credentials.json`, read as any client would. */
export interface Credentials {
  readonly apiUrl: string;
  readonly simulatorUrl: string;
  readonly tokens: { readonly platformAdmin: string; readonly alpha: string; readonly beta: string };
  readonly projects: { readonly root: string; readonly alpha: string; readonly beta: string };
  readonly bindings: { readonly simulator: string };
}

/**
 * Keeps a process of Strata from beginning, so that nothing that comes after it is ever ready; it ends with its parent, as any.
 * Loaded by all of them: what the parent was started with is passed on.
 */
const held = (part: 'simulator' | 'worker'): string => {
  const wait =
    'process.once("disconnect", () => process.exit()); await new Promise(() => setInterval(() => {}, 1000));';
  const module = `if (process.argv[1].includes("/${part}/dist/")) { ${wait} }`;
  return `data:text/javascript,${encodeURIComponent(module)}`;
};

/** What `npm start` runs, on free ports. */
export class StandaloneRun {
  output = '';
  private readonly ended: Promise<unknown>;

  private constructor(
    readonly dataDir: string,
    private readonly child: ChildProcess,
  ) {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (text: Buffer) => (this.output += text.toString()));
    this.ended = once(child, 'close');
  }

  /** Does not wait until it is ready. `heldAt`: it never is, as it waits for this part. */
  static async launch(
    dataDir: string,
    environment: Readonly<Record<string, string>> = {},
    heldAt?: 'simulator' | 'worker',
  ): Promise<StandaloneRun> {
    const options = heldAt === undefined ? [] : ['--import', held(heldAt)];
    const child = spawn(process.execPath, [...options, entryOf('standalone')], {
      env: {
        PATH: process.env['PATH'],
        STRATA_DATA_DIR: dataDir,
        // Listened on only once its PostgreSQL is there.
        STRATA_PORT: String(await freePort()),
        STRATA_SIMULATOR_PORT: String(await freePort()),
        // What a killed worker had begun is taken up after this; the default would only make the tests wait.
        STRATA_LEASE_MS: '3000',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new StandaloneRun(dataDir, child);
  }

  static async start(dataDir: string): Promise<StandaloneRun> {
    const run = await StandaloneRun.launch(dataDir);
    await eventually('Strata is ready', async () => {
      if (run.child.exitCode !== null) throw new Error(run.output);
      return Promise.resolve(run.output.includes('Ctrl-C stops everything'));
    });
    return run;
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('it was never started');
    return this.child.pid;
  }

  async credentials(): Promise<Credentials> {
    return JSON.parse(await readFile(join(this.dataDir, 'credentials.json'), 'utf8')) as Credentials;
  }

  /** Of its PostgreSQL, as superuser: the port from the server's own file, the password from the keys of the folder. */
  async databaseUrl(): Promise<string> {
    const read = (...path: readonly string[]) => readFile(join(this.dataDir, ...path), 'utf8');
    const port = (await read('postgres', 'postmaster.pid')).split('\n')[3] ?? '';
    const { postgresPassword } = JSON.parse(await read('keys.json')) as { postgresPassword: string };
    return `postgres://postgres:${encodeURIComponent(postgresPassword)}@127.0.0.1:${port}/strata`;
  }

  async clients(): Promise<{ alpha: Client; beta: Client; admin: Client; cloud: SimulatedCloud; at: Credentials }> {
    const at = await this.credentials();
    const client = (token: string) => new Client(at.apiUrl, token);
    const { alpha, beta, platformAdmin } = at.tokens;
    return {
      alpha: client(alpha),
      beta: client(beta),
      admin: client(platformAdmin),
      cloud: new SimulatedCloud(at.simulatorUrl),
      at,
    };
  }

  /** The number of every process of it; once it has ended, its own may be another's. */
  async family(): Promise<readonly number[]> {
    const { exitCode, signalCode } = this.child;
    return exitCode === null && signalCode === null ? familyOf(this.pid) : [];
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Its exit code, null after a signal. */
  async end(): Promise<number | null> {
    await this.ended;
    return this.child.exitCode;
  }

  /** As Ctrl-C; resolves with the seconds that it took and with what is left of its processes. */
  async interrupt(): Promise<{ code: number | null; seconds: number; left: readonly number[] }> {
    const family = await this.family();
    const started = performance.now();
    this.signal('SIGINT');
    const code = await this.end();
    return { code, seconds: (performance.now() - started) / 1_000, left: await runningOf(family) };
  }

  /** As the end of the machine: nobody of it gets to say anything. */
  async killWhole(): Promise<void> {
    const family = await this.family();
    signalAll(family, 'SIGKILL');
    await this.end();
    await eventually('nothing runs any more', async () => (await runningOf(family)).length === 0);
  }

  /** The parent alone; resolves with those that it leaves behind. */
  async killParent(): Promise<readonly number[]> {
    const family = await this.family();
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
    return family;
  }
}
