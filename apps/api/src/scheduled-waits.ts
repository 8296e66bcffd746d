import { OperationWaits, WaitingFor, type OperationWait } from '@strata/operations';
import type pg from 'pg';
import { z } from 'zod';

const Row = z.object({
  operation_id: z.uuid(),
  waiting_for: WaitingFor.nullable(),
  reason: z.string().nullable(),
  since: z.date().nullable(),
  until: z.date().nullable(),
});

/**
 * What the schedule says of open operations. Who asks has seen the operations already under the caller's sight, so the
 * schedule is read under everybody's. One message, one round trip: the ids are checked, then written into it.
 */
export class ScheduledWaits extends OperationWaits {
  constructor(private readonly pool: pg.Pool) {
    super();
  }

  async waiting(operationIds: readonly string[]): Promise<ReadonlyMap<string, OperationWait>> {
    const ids = operationIds.filter((id) => z.uuid().safeParse(id).success);
    if (ids.length === 0) return new Map();
    const client = await this.pool.connect();
    try {
      const results = (await client.query(
        `begin read only; select set_config('strata.sight', 'all', true);
         select s.operation_id, s.waiting_for, p.reason, p.since, p.until
           from operation_schedule s left join pauses p on p.id = s.held_by
          where s.operation_id = any('{${ids.join(',')}}'::uuid[]);
         commit`,
      )) as unknown as readonly pg.QueryResult[];
      const rows = z.array(Row).parse(results[2]?.rows ?? []);
      client.release();
      return new Map(rows.map((row) => [row.operation_id, waitOf(row)]));
    } catch (fault) {
      // The transaction may still be open on it.
      client.release(true);
      throw fault;
    }
  }
}

const waitOf = ({ waiting_for: waitingFor, reason, since, until }: z.infer<typeof Row>): OperationWait =>
  reason === null || since === null || until === null
    ? { waitingFor }
    : { waitingFor, hold: { reason, since: since.toISOString(), until: until.toISOString() } };
