import { setTimeout as pause } from 'node:timers/promises';
import { CloudSilent, type CloudDisk, type DiskCloud } from '@strata/cloud';
import type { Following, PostgresLeases, PostgresShownOperations } from '@strata/queue/postgres';
import type { Logger } from 'pino';
import { withUrgency } from './flow/urgency.js';

export interface ListWatchPorts {
  readonly shown: PostgresShownOperations;
  readonly leases: Pick<PostgresLeases, 'claim'>;
  readonly cloudOf: (bindingId: string) => Promise<DiskCloud | undefined>;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
}

/** How often a worker asks whether a list is due anywhere; which of them asks for it is decided by leases. In ms. */
const roundMs = 250;

/** Between two lists of one binding, over all workers: what has been in the cloud for long is asked for less often. In whole ms. */
const betweenListsMs = ({ newestMs }: Following): number => Math.round(Math.min(Math.max(newestMs / 20, 1_000), 5_000));

/** Room for what others make meanwhile. A page is one request. */
const pageSizeFor = ({ markers }: Following): number => Math.max(2 * markers.length, 50);

/** How far the cloud's clock may be behind ours; beyond that the list is not read far enough, and each is looked at late. */
const clockSkewMs = 30_000;

/** Words of the cloud that we do not know say nothing either. */
const underWay: ReadonlySet<CloudDisk['status']> = new Set(['creating', 'unknown']);

interface UnfinishedList {
  readonly pages: AsyncIterator<readonly CloudDisk[], undefined>;
  /** Markers that were on the pages before. */
  readonly found: Set<string>;
}

/**
 * Follows all that is being made in a binding by one list, newest first, instead of a look at each: what has left the state
 * in which it is made is due for its own look, which decides. Where nothing has to be followed, nothing is listed.
 */
export class ListWatch {
  private readonly stopping = new AbortController();
  /** Lists that have not been read far enough, by binding: their next page is the next request. */
  private readonly lists = new Map<string, UnfinishedList>();
  /** Of each binding at most one. */
  private readonly asking = new Map<string, Promise<void>>();
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly ports: ListWatchPorts) {}

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await Promise.allSettled(this.asking.values());
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.round().catch((error: unknown) => {
        // What a stop breaks off is no fault.
        if (!signal.aborted) this.ports.logger.error({ err: error }, 'following what the clouds make failed');
      });
      // An abort ends the pause early, which is no fault.
      await pause(roundMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async round(): Promise<void> {
    const following = await this.ports.shown.following();
    for (const bindingId of this.lists.keys())
      if (!following.some((each) => each.bindingId === bindingId)) this.lists.delete(bindingId);
    for (const each of following) {
      const { bindingId } = each;
      if (this.asking.has(bindingId) || this.stopping.signal.aborted) continue;
      if (!(await this.ports.leases.claim(`list ${bindingId}`, betweenListsMs(each)))) continue;
      const asked = this.ask(each)
        .catch((error: unknown) => this.note(bindingId, error))
        .finally(() => this.asking.delete(bindingId));
      this.asking.set(bindingId, asked);
    }
  }

  /** One page of the list. */
  private async ask(following: Following): Promise<void> {
    const { bindingId, markers, oldestMs } = following;
    const cloud = await this.ports.cloudOf(bindingId);
    if (cloud === undefined) return;
    const list = this.lists.get(bindingId) ?? {
      pages: pagesOf(cloud.listDisks(pageSizeFor(following))),
      found: new Set<string>(),
    };
    this.lists.delete(bindingId);
    const { value: page } = await withUrgency('bulk', () => list.pages.next());
    if (page === undefined) return;
    const followed = new Set(markers);
    const seen = page.flatMap(({ marker, status }) =>
      marker !== null && followed.has(marker) ? [{ marker, status }] : [],
    );
    const through = seen.filter(({ status }) => !underWay.has(status)).map(({ marker }) => marker);
    if (through.length > 0) await this.ports.shown.through(bindingId, through);
    for (const { marker } of seen) list.found.add(marker);
    const oldest = new Date(Date.now() - oldestMs - clockSkewMs).toISOString();
    const farEnough =
      markers.every((marker) => list.found.has(marker)) || page.some(({ createdAt }) => createdAt < oldest);
    if (!farEnough) this.lists.set(bindingId, list);
  }

  private note(bindingId: string, error: unknown): void {
    if (this.stopping.signal.aborted) return;
    if (error instanceof CloudSilent)
      this.ports.logger.warn({ bindingId, why: error.why, fault: error.fault }, 'the cloud did not answer');
    else this.ports.logger.error({ bindingId, err: error }, 'following what a cloud makes failed');
  }
}

const pagesOf = async function* (
  list: AsyncIterable<readonly CloudDisk[]>,
): AsyncGenerator<readonly CloudDisk[], undefined> {
  yield* list;
  return undefined;
};
