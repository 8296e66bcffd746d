import pg from 'pg';

export interface LogGrowthOptions {
  /** A direct connection: LISTEN does not pass a pooler. */
  readonly url: string;
  /** Asked when no notification comes, so that a lost one costs at most `pollMs`. */
  readonly head: () => Promise<number>;
  readonly pollMs?: number;
}

export const LOG_CHANNEL = 'strata_log';

const RECONNECT_MS = 1_000;

interface Waiter {
  readonly position: number;
  wake(): void;
}

/** Tells who waits that the log has grown: by NOTIFY, and by looking now and then while anybody waits. */
export class LogGrowth {
  readonly #options: Required<LogGrowthOptions>;
  readonly #waiters = new Set<Waiter>();
  #known = 0;
  #client: pg.Client | undefined;
  #connecting = false;
  #poll: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: LogGrowthOptions) {
    this.#options = { pollMs: 1_000, ...options };
  }

  /** The newest position heard of; the log may be further. */
  get known(): number {
    return this.#known;
  }

  /** Somebody learnt that the log reaches this far (an own commit, a read). */
  heard(position: number): void {
    if (position <= this.#known) return;
    this.#known = position;
    for (const waiter of this.#waiters) if (waiter.position < position) waiter.wake();
  }

  /** Resolves when the log has grown past `position`, after `timeoutMs`, on abort, or when this is closed. */
  past(position: number, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (this.#known > position || this.#closed || signal?.aborted || timeoutMs <= 0) return Promise.resolve();
    return new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        this.#waiters.delete(waiter);
        if (this.#waiters.size === 0) this.#stopPolling();
        resolve();
      };
      const waiter = { position, wake };
      const timer = setTimeout(wake, timeoutMs);
      signal?.addEventListener('abort', wake);
      this.#waiters.add(waiter);
      this.#listen();
      this.#startPolling();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const waiter of this.#waiters) waiter.wake();
    this.#stopPolling();
    await this.#client?.end().catch(() => undefined);
  }

  #startPolling(): void {
    this.#poll ??= setInterval(() => this.#look(), this.#options.pollMs);
  }

  #stopPolling(): void {
    clearInterval(this.#poll);
    this.#poll = undefined;
  }

  #look(): void {
    this.#options.head().then(
      (position) => this.heard(position),
      () => undefined, // the database is away; who waits has a time-out of his own
    );
    this.#listen();
  }

  #listen(): void {
    if (this.#client || this.#connecting || this.#closed) return;
    this.#connecting = true;
    this.#connect().then(
      () => (this.#connecting = false),
      () => void setTimeout(() => (this.#connecting = false), RECONNECT_MS).unref(),
    );
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#options.url,
      application_name: 'strata-listen',
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    });
    const lost = () => {
      if (this.#client === client) this.#client = undefined;
    };
    client.on('error', lost).on('end', lost);
    client.on('notification', ({ payload }) => this.heard(Number(payload)));
    await client.connect();
    await client.query(`listen ${LOG_CHANNEL}`);
    if (this.#closed) return void (await client.end());
    this.#client = client;
    // What was committed before LISTEN took effect is not notified.
    this.heard(await this.#options.head());
  }
}
