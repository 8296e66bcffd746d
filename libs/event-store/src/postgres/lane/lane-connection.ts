import pg from 'pg';
import type { Verdict } from '../../append.js';
import { APPEND_BATCH, batchParameters } from './batch.js';
import { ChargePaths } from './charge-paths.js';
import { faultOf, laneUnavailable } from './faults.js';
import type { PreparedAppend } from './prepare.js';
import { type BatchRow, verdictsOf } from './verdicts.js';

export interface LaneConnectionOptions {
  readonly url: string;
  /** The server's own time-out for one batch, waiting for the lane included. */
  readonly statementTimeoutMs: number;
  /** How long a batch whose fate is unknown is sent again before it is given up. */
  readonly resendForMs: number;
}

export type Outcome = { readonly verdict: Verdict } | { readonly error: Error };

const STALE_TREE_ATTEMPTS = 20;
const APPLICATION = 'strata-lane';

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** One connection that carries batches to the lane, and finds out what became of them when it breaks. */
export class LaneConnection {
  readonly #options: LaneConnectionOptions;
  readonly #paths = new ChargePaths();
  #client: pg.Client | undefined;

  constructor(options: LaneConnectionOptions) {
    this.#options = options;
  }

  /** Never throws: each append has its own outcome, in order. */
  async send(appends: readonly PreparedAppend[]): Promise<readonly Outcome[]> {
    const deadline = Date.now() + this.#options.resendForMs;
    // Whether an earlier attempt got as far as the server may have seen it.
    const fate = { mayBeCommitted: false };
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#sendOnce(appends, fate);
      } catch (cause) {
        const fault = faultOf(cause);
        if (fault === 'bad-data') return this.#halves(appends, cause);
        if (fault === 'broken') return appends.map(() => ({ error: cause as Error }));
        if (fault === 'unavailable' || Date.now() >= deadline)
          return appends.map(() => ({ error: laneUnavailable(cause) }));
        if (fault === 'unknown-outcome') await this.#drop();
        if (attempt > 0) await pause(Math.min(500, 20 * 2 ** attempt));
      }
    }
  }

  async close(): Promise<void> {
    await this.#drop();
  }

  /** The culprit ends up alone; its neighbours are committed. */
  async #halves(appends: readonly PreparedAppend[], cause: unknown): Promise<readonly Outcome[]> {
    if (appends.length <= 1) return appends.map(() => ({ error: cause as Error }));
    const middle = Math.ceil(appends.length / 2);
    const first = await this.send(appends.slice(0, middle));
    return [...first, ...(await this.send(appends.slice(middle)))];
  }

  async #sendOnce(appends: readonly PreparedAppend[], fate: { mayBeCommitted: boolean }): Promise<readonly Outcome[]> {
    const wasSentBefore = fate.mayBeCommitted;
    const client = await this.#connected();
    const projects = new Set(appends.flatMap(({ entries }) => entries.map(({ projectId }) => projectId)));
    for (let attempt = 0; attempt < STALE_TREE_ATTEMPTS; attempt += 1) {
      await this.#paths.learn(client, projects);
      const values = batchParameters(appends, this.#paths);
      fate.mayBeCommitted = true;
      const { rows } = await client.query<BatchRow>({
        name: 'append_batch',
        text: APPEND_BATCH,
        values,
      });
      const row = rows[0];
      if (!row) throw new Error('append_batch answered nothing');
      if (row.verdicts !== 'stale-tree') return verdictsOf(appends, row, wasSentBefore).map((verdict) => ({ verdict }));
      this.#paths.forget();
    }
    return appends.map(() => ({ error: laneUnavailable(new Error('the tree changes faster than it can be read')) }));
  }

  async #connected(): Promise<pg.Client> {
    if (this.#client) return this.#client;
    const { url, statementTimeoutMs } = this.#options;
    const client = new pg.Client({
      connectionString: url,
      application_name: APPLICATION,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: statementTimeoutMs,
      // A backstop for a server that is gone without a word; the server's own time-out comes first.
      query_timeout: statementTimeoutMs + 5_000,
    });
    client.on('error', () => {
      if (this.#client === client) this.#client = undefined;
    });
    await client.connect();
    this.#client = client;
    return client;
  }

  async #drop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    // Ending a broken connection may hang until TCP gives up; nothing depends on it.
    await Promise.race([client?.end().catch(() => undefined), pause(1_000)]);
  }
}
