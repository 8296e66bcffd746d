import type { Operation } from './operation.js';

/** How a call ended: its HTTP status, or that it got no answer. */
export type Ending = number | 'dropped' | 'hung-up';

/** Which calls came in, and how they ended. */
export class RequestLog {
  private readonly calls = new Map<string, Map<Ending, number>>();

  count(operation: Operation | 'unknown', ending: Ending): void {
    const endings = this.calls.get(operation) ?? new Map<Ending, number>();
    endings.set(ending, (endings.get(ending) ?? 0) + 1);
    this.calls.set(operation, endings);
  }

  clear(): void {
    this.calls.clear();
  }

  report() {
    const calls = [...this.calls].map(([operation, endings]) => {
      const total = [...endings.values()].reduce((sum, count) => sum + count, 0);
      return [operation, { total, byStatus: Object.fromEntries(endings) }] as const;
    });
    return { total: calls.reduce((sum, [, { total }]) => sum + total, 0), calls: Object.fromEntries(calls) };
  }
}
