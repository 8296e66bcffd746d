import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export interface ChildSettings {
  readonly name: 'simulator' | 'api' | 'projector' | 'worker';
  readonly env: Readonly<Record<string, string>>;
  /** Its lines go there, so that the terminal stays readable. */
  readonly logFile: string;
  /** It says `ready` over the channel; until then it may take this long, in ms. */
  readonly readyWithinMs: number;
  /** Ended without being asked. */
  readonly onEnd: (how: string) => void;
}

/** One of Strata's processes. It ends when its channel closes: also when the parent is killed. */
export class Child {
  private stopping = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly exited: Promise<unknown>,
    readonly pid: number,
  ) {}

  static async start(settings: ChildSettings): Promise<Child> {
    const entry = fileURLToPath(new URL(`../../${settings.name}/dist/main.js`, import.meta.url));
    const log = await open(settings.logFile, 'a', 0o600);
    const child = fork(entry, [], {
      env: { ...settings.env, NODE_ENV: 'production' },
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
      // Ctrl-C in a terminal reaches the whole group: the parent alone decides the order of stopping.
      detached: true,
    });
    const exited = once(child, 'exit');
    await log.close();
    const started = new Child(child, exited, child.pid ?? 0);
    try {
      await started.untilReady(settings);
    } catch (error) {
      await started.stop(0);
      throw error;
    }
    void exited.then(([code, signal]: unknown[]) => {
      if (!started.stopping) settings.onEnd(`${settings.name} ended (${String(code ?? signal)})`);
    });
    return started;
  }

  /** Asks it to stop, waits, then kills. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    const impatience = setTimeout(() => this.child.kill('SIGKILL'), graceMs);
    await this.exited;
    clearTimeout(impatience);
  }

  private async untilReady({ name, readyWithinMs, logFile }: ChildSettings): Promise<void> {
    const late = AbortSignal.timeout(readyWithinMs);
    const ready = once(this.child, 'message', { signal: late }).then(() => 'ready' as const);
    ready.catch(() => undefined);
    const how = await Promise.race([ready.catch(() => 'late' as const), this.exited.then(() => 'ended' as const)]);
    if (how === 'ready') return;
    const tail = (await readFile(logFile, 'utf8')).slice(-2_000);
    throw new Error(`${name} did not become ready (${how}). The end of its log:\n${tail}`);
  }
}
