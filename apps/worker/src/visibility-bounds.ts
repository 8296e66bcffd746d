import type { Pool } from 'pg';

interface Known {
  readonly boundMs: number;
  readonly readAtMs: number;
}

/** Other workers learn too. In ms. */
const believedForMs = 60_000;

/** What took so long once may take longer the next time. */
const margin = 1.5;

/**
 * How long what was made may stay invisible in the cloud of a binding, until its absence may be believed: as it is set, or
 * longer where something was seen to appear later. Learnt upwards only, by all workers together.
 */
export class VisibilityBounds {
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly pool: Pool,
    private readonly setMs: number,
    private readonly nowMs: () => number,
  ) {}

  /** In ms. */
  async of(bindingId: string): Promise<number> {
    const known = this.known.get(bindingId);
    if (known !== undefined && this.nowMs() - known.readAtMs < believedForMs) return known.boundMs;
    const { rows } = await this.pool.query<{ bound_ms: number }>({
      name: 'visibility-bound',
      text: 'select bound_ms from visibility_bounds where binding_id::text = $1',
      values: [bindingId],
    });
    return this.remember(bindingId, Math.max(this.setMs, rows[0]?.bound_ms ?? 0));
  }

  /** Something was found so long after its intent, and had not been there on an earlier look. */
  async appearedAfter(bindingId: string, afterMs: number): Promise<void> {
    const boundMs = Math.round(afterMs * margin);
    if (boundMs <= (await this.of(bindingId))) return;
    await this.pool.query({
      name: 'raise-visibility-bound',
      text: `insert into visibility_bounds as bound (binding_id, bound_ms, learnt_at) values ($1, $2, now())
             on conflict (binding_id) do update set bound_ms = excluded.bound_ms, learnt_at = now()
              where bound.bound_ms < excluded.bound_ms`,
      values: [bindingId, boundMs],
    });
    this.remember(bindingId, boundMs);
  }

  private remember(bindingId: string, boundMs: number): number {
    this.known.set(bindingId, { boundMs, readAtMs: this.nowMs() });
    return boundMs;
  }
}
