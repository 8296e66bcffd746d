import type { EventStore } from '@strata/event-store';
import { type Health, HealthCheck } from '@strata/http';

/** How often the incarnation is asked for: a restore to an earlier point stops the database for longer. */
const everyMs = 5_000;

/** Knows which log is being written, and whether it can be read. */
export class LogWatch extends HealthCheck {
  readonly name = 'log';
  #incarnation: string;
  readonly #timer: NodeJS.Timeout;

  private constructor(
    private readonly store: EventStore,
    incarnation: string,
  ) {
    super();
    this.#incarnation = incarnation;
    this.#timer = setInterval(() => void this.check().catch(() => undefined), everyMs).unref();
  }

  static async of(store: EventStore): Promise<LogWatch> {
    const { incarnation } = await store.head();
    return new LogWatch(store, incarnation);
  }

  get incarnation(): string {
    return this.#incarnation;
  }

  async check(): Promise<Health> {
    try {
      const { incarnation, position } = await this.store.head();
      this.#incarnation = incarnation;
      return { ok: true, detail: `at position ${position}` };
    } catch {
      return { ok: false, detail: 'the database does not answer' };
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
