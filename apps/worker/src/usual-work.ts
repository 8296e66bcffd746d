import { everything, type ViewStore } from '@strata/event-store';
import { operationsView } from '@strata/operations';

/** Newest first, and of this week: what was usual long ago says little about now. */
const sample = 500;
const weekMs = 7 * 24 * 3_600_000;
const believedForMs = 300_000;

interface Known {
  readonly tookMs: Promise<readonly number[]>;
  readonly readAtMs: number;
}

/** How long operations of a kind took in a binding, of whatever project: from the view of operations, believed for five minutes. */
export class UsualWork {
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly views: ViewStore,
    private readonly nowMs: () => number,
  ) {}

  /** In ms from start to end, of the newest that succeeded. */
  of(kind: string, bindingId: string): Promise<readonly number[]> {
    const name = `${kind} ${bindingId}`;
    const known = this.known.get(name);
    if (known !== undefined && this.nowMs() - known.readAtMs < believedForMs) return known.tookMs;
    const tookMs = this.read(kind, bindingId);
    this.known.set(name, { tookMs, readAtMs: this.nowMs() });
    // What could not be read is not remembered.
    tookMs.catch(() => this.known.delete(name));
    return tookMs;
  }

  private async read(kind: string, bindingId: string): Promise<readonly number[]> {
    const { rows } = await this.views.list({
      view: operationsView,
      sight: everything,
      where: { kind: [kind], status: ['succeeded'] },
      ranges: { createdAt: { gte: new Date(Date.now() - weekMs).toISOString() } },
      sort: { by: 'createdAt', direction: 'desc' },
      limit: sample,
    });
    return rows.flatMap(({ startedAt, endedAt, doc }) =>
      doc.state.bindingId === bindingId && doc.state.parts.length === 0 && startedAt !== null && endedAt !== null
        ? [Date.parse(endedAt) - Date.parse(startedAt)]
        : [],
    );
  }
}
