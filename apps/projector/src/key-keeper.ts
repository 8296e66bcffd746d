import { forgetKeys } from '@strata/event-store/postgres';
import type { Pool } from 'pg';

/** Of `Idempotency-Key`, as the API promises it. In ms. */
const keptForMs = 7 * 24 * 3_600_000;
const everyMs = 600_000;

/** Forgets idempotency keys whose time is over. Several may run: what is empty already costs them a look. */
export class KeyKeeper {
  private readonly stopping = new AbortController();
  private walked: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly pool: Pool,
    private readonly onFault: (error: unknown) => void,
  ) {}

  start(): void {
    const round = () => (this.running = this.forget().catch(this.onFault));
    this.timer = setInterval(() => void round(), everyMs);
    void round();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    clearInterval(this.timer);
    await this.running;
  }

  private async forget(): Promise<void> {
    const before = new Date(Date.now() - keptForMs);
    this.walked = await forgetKeys(this.pool, { before, after: this.walked, signal: this.stopping.signal });
  }
}
