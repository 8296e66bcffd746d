import type { EventStore } from '@strata/event-store';
import { PauseId } from '@strata/kernel';
import { endPauseInTime } from '@strata/operations';
import type { Pool } from 'pg';

/** What a pause held is due at its end anyway: this only tells the log. In ms. */
const everyMs = 5_000;

/** Records that pauses have ended whose time is over. Several may run: what is recorded already is no news. */
export class PauseKeeper {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly pool: Pool,
    private readonly store: EventStore,
    private readonly onFault: (error: unknown) => void,
  ) {}

  start(): void {
    const round = () => (this.running = this.running.then(() => this.end()).catch(this.onFault));
    this.timer = setInterval(() => void round(), everyMs);
    void round();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  async end(): Promise<void> {
    const { rows } = await this.pool.query<{ id: string }>(
      'select id from pauses where ended_at is null and until <= now()',
    );
    for (const { id } of rows) await endPauseInTime(this.store, PauseId.parse(id));
  }
}
