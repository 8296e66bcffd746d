import { everything, type EventStore, type ViewCursor, type ViewStore } from '@strata/event-store';
import { openedAgain, operationsView, operationStream, type KindRules } from '@strata/operations';
import type { OperationSchedule, ScheduleChange } from '@strata/queue';
import { applyScheduleChanges, type ScheduleTransaction } from '@strata/queue/postgres';

export interface ScheduleKeeperPorts {
  readonly store: EventStore;
  readonly views: ViewStore;
  readonly schedule: OperationSchedule;
  readonly tx: ScheduleTransaction;
  readonly rulesOf: (kind: string) => KindRules;
  /** Of one operation, which the next round tries again; the others go on. */
  readonly onStillLost: (operationId: string, error: unknown) => void;
  readonly onFault: (error: unknown) => void;
}

const everyMs = 600_000;
const pageSize = 500;

/**
 * The watchdog of the schedule, which is no part of the log: an open operation that is not in it (a lost row, a restored
 * table) is put there again, due now. What is there stays as it is; what has ended since the view saw it is dropped by its step.
 */
export class ScheduleKeeper {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly ports: ScheduleKeeperPorts) {}

  start(): void {
    const round = () => (this.running = this.reopen().catch(this.ports.onFault));
    this.timer = setInterval(() => void round(), everyMs);
    void round();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  async reopen(): Promise<void> {
    let after: ViewCursor | undefined;
    do {
      const page = await this.ports.views.list({
        view: operationsView,
        sight: everything,
        where: { status: ['queued', 'running'] },
        sort: { by: 'createdAt', direction: 'asc' },
        after,
        limit: pageSize,
      });
      await this.putBack(page.rows.map(({ key }) => key));
      after = page.next ?? undefined;
    } while (after !== undefined);
  }

  private async putBack(operationIds: readonly string[]): Promise<void> {
    const { schedule, tx } = this.ports;
    const scheduled = await schedule.waiting(operationIds);
    const lost = operationIds.filter((operationId) => !scheduled.has(operationId));
    const changes = await Promise.all(lost.map((operationId) => this.openAgain(operationId)));
    await applyScheduleChanges(
      tx,
      changes.flatMap((change) => change ?? []),
    );
  }

  private async openAgain(operationId: string): Promise<ScheduleChange | undefined> {
    const { store, rulesOf, onStillLost } = this.ports;
    try {
      const { streams } = await store.load({ sight: everything, streams: [operationStream(operationId)] });
      return streams[0] && openedAgain(streams[0], rulesOf);
    } catch (error) {
      onStillLost(operationId, error);
      return undefined;
    }
  }
}
