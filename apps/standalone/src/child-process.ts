import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withLogTail } from './log-tail.js';

export interface ChildSettings {
  readonly name: 'simulator' | 'api' | 'projector' | 'worker';
  readonly env: Readonly<Record<string, string>>;
  /** Its lines go there, so that the terminal stays readable. */
  readonly logFile: string;
  /** It says `ready` over the channel; until then it may take this long, in ms. */
  readonly readyWithinMs: number;
  /** Ended without being asked; told with the end of its log. */
  readonly onEnd: (how: string) => void;
}

/**
 * What is young in the heap of a process may take three times this much, in MiB. V8 would let it grow further on a machine
 * with much memory, 70 MiB in each process, and the work takes no less time for it.
 */
const youngSpace = '--max-semi-space-size=8';

/**
 * The heap of a process is cleared once it is half as large again as what was alive in it, in percent. V8 would wait until it has
 * four times as much: after a burst of work a process kept a hundred MiB of what it did not need any more. Not the api: its
 * callers would wait for it, and of the pages of a list one in a hundred for twice as long.
 */
const oldSpace = '--heap-growing-percent=50';

/**
 * Callers of the api wait while its heap is cleared, and that was as long as its helping threads waited for a core of theirs: of
 * two cores PostgreSQL has one and a half.
 */
const oneThread = '--single-threaded-gc';

const heapOf = (name: ChildSettings['name']): readonly string[] =>
  name === 'api' ? [youngSpace, oneThread] : [youngSpace, oldSpace];

/** One of Strata's processes. It ends when its channel closes: also when the parent is killed. */
export class Child {
  private stopping = false;
  private readonly exited: Promise<unknown>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly settings: ChildSettings,
  ) {
    this.exited = once(child, 'exit');
    void this.exited.catch(() => undefined);
  }

  /** At once, so that whoever starts it can stop it from then on. */
  static spawn(settings: ChildSettings): Child {
    const entry = fileURLToPath(new URL(`../../${settings.name}/dist/main.js`, import.meta.url));
    const log = openSync(settings.logFile, 'a', 0o600);
    try {
      const child = fork(entry, [], {
        env: { ...settings.env, NODE_ENV: 'production' },
        execArgv: [...process.execArgv, ...heapOf(settings.name)],
        stdio: ['ignore', log, log, 'ipc'],
        // Ctrl-C in a terminal reaches the whole group: the parent alone decides the order of stopping.
        detached: true,
      });
      return new Child(child, settings);
    } finally {
      closeSync(log);
    }
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Resolves when it says so; rejects when it ends before, takes too long, or nobody wants it any more. */
  async ready(unwanted: AbortSignal): Promise<void> {
    const { name, readyWithinMs, logFile, onEnd } = this.settings;
    const signal = AbortSignal.any([unwanted, AbortSignal.timeout(readyWithinMs)]);
    const said = once(this.child, 'message', { signal }).then(
      () => 'ready' as const,
      () => 'late' as const,
    );
    const how = await Promise.race([said, this.exited.then(() => 'ended' as const)]);
    unwanted.throwIfAborted();
    if (how !== 'ready') throw new Error(await withLogTail(`${name} did not become ready (${how})`, logFile));
    void this.exited.then(async (end) => {
      const [code, signalled] = end as [number | null, NodeJS.Signals | null];
      if (!this.stopping) onEnd(await withLogTail(`${name} ended (${code ?? signalled ?? 'unknown'})`, logFile));
    });
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

  kill(): void {
    this.stopping = true;
    this.child.kill('SIGKILL');
  }
}
