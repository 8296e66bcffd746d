import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.js';

/** Processes are born by the dozen here: what the first one compiled serves the others. */
const compileCache = join(tmpdir(), 'strata-compile-cache');

/** A birth takes a second or two, and much longer on a machine that has other things to do. */
const birthWithinMs = 180_000;

export interface Program {
  readonly entry: string;
  readonly args?: readonly string[];
}

export interface ServiceSettings {
  readonly name: string;
  /** Asked before each start: the next life of a process may be another program. */
  readonly program: () => Program;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Started again whenever it ends without being asked, as a service manager does. */
  readonly restarts?: boolean;
  /** Told of each end, asked for or not. */
  readonly onEnd?: (program: Program) => void;
}

/** One process of Strata, beside the test: killed, paused and started again at will. It ends with the test at the latest. */
export class Service {
  private child: ChildProcess | undefined;
  private ready = false;
  private paused = false;
  private wanted = false;
  private fault: unknown;
  lives = 0;

  constructor(private readonly settings: ServiceSettings) {}

  get name(): string {
    return this.settings.name;
  }

  get isReady(): boolean {
    return this.ready && !this.paused;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  async start(): Promise<void> {
    this.wanted = true;
    this.live().catch((error: unknown) => (this.fault = error));
    await this.untilReady();
  }

  async untilReady(): Promise<void> {
    const isThere = () => Promise.resolve(this.isReady || this.fault !== undefined);
    await eventually(`${this.name} is ready`, isThere, { withinMs: birthWithinMs });
    if (this.fault !== undefined) throw new Error(`${this.name} cannot live`, { cause: this.fault });
  }

  /** As the system kills for want of memory. */
  kill(): void {
    this.ready = false;
    this.child?.kill('SIGKILL');
  }

  /** As a machine that is frozen and goes on later, without noticing. */
  pause(): void {
    this.paused = true;
    this.child?.kill('SIGSTOP');
  }

  resume(): void {
    this.child?.kill('SIGCONT');
    this.paused = false;
  }

  /** Asked to stop, then killed when it does not. */
  async stop(graceMs = 12_000): Promise<void> {
    this.wanted = false;
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    this.resume();
    child.kill('SIGTERM');
    const impatience = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await exited;
    clearTimeout(impatience);
  }

  log(): Promise<string> {
    return readFile(this.settings.logFile, 'utf8');
  }

  private async live(): Promise<void> {
    do {
      const program = this.settings.program();
      const child = this.beBorn(program);
      const [code] = (await once(child, 'exit')) as [number | null];
      const hasWorked = this.ready || this.lives > 1;
      this.ready = false;
      this.settings.onEnd?.(program);
      if (!hasWorked && code !== null) throw new Error(`it ended with ${code}: ${(await this.log()).slice(-2_000)}`);
    } while (this.wanted && this.settings.restarts === true);
  }

  private beBorn({ entry, args = [] }: Program): ChildProcess {
    const log = openSync(this.settings.logFile, 'a');
    const child = fork(entry, args, {
      env: {
        PATH: process.env['PATH'] ?? '',
        NODE_ENV: 'production',
        NODE_COMPILE_CACHE: compileCache,
        ...this.settings.env,
      },
      stdio: ['ignore', log, log, 'ipc'],
      execArgv: [], // not those of the test's own process
    });
    closeSync(log);
    this.child = child;
    this.lives += 1;
    child.once('message', () => (this.ready = true));
    return child;
  }
}
