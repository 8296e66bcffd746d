import type { PostgresEventStore } from '@strata/event-store/postgres';
import { type Health, HealthCheck } from '@strata/http';

/** Knows whether what is accepted can be written: the log can be read all the same when the disk is full. */
export class LaneWatch extends HealthCheck {
  readonly name = 'lane';

  constructor(private readonly store: Pick<PostgresEventStore, 'whyNotWritable'>) {
    super();
  }

  async check(): Promise<Health> {
    const why = await this.store.whyNotWritable();
    return why === undefined ? { ok: true, detail: 'takes appends' } : { ok: false, detail: why };
  }
}
