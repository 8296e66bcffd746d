import { everything, type ViewCursor, type ViewStore } from '@strata/event-store';
import { operationsView, type KindRules, type OperationRow } from '@strata/operations';
import type { ScheduleChange } from '@strata/queue';
import { applyScheduleChanges, type ScheduleTransaction } from '@strata/queue/postgres';

export interface ScheduleKeeperPorts {
  readonly views: ViewStore;
  readonly tx: ScheduleTransaction;
  readonly rulesOf: (kind: string) => KindRules;
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
    const { views, tx, rulesOf } = this.ports;
    let after: ViewCursor | undefined;
    do {
      const page = await views.list({
        view: operationsView,
        sight: everything,
        where: { status: ['queued', 'running'] },
        sort: { by: 'createdAt', direction: 'asc' },
        after,
        limit: pageSize,
      });
      await applyScheduleChanges(
        tx,
        page.rows.map((row) => openAgain(row, rulesOf)),
      );
      after = page.next ?? undefined;
    } while (after !== undefined);
  }
}

const openAgain = ({ doc, key, projectId }: OperationRow, rulesOf: ScheduleKeeperPorts['rulesOf']): ScheduleChange => {
  const { state, kind, createdAt } = doc;
  const { deadlineMs, streams } = rulesOf(kind);
  return {
    change: 'open',
    operationId: key,
    projectId,
    bindingId: state.bindingId,
    kind,
    // Either class will do: what is due is decided from the log.
    lane: 'look',
    deadlineAt: new Date(Date.parse(createdAt) + deadlineMs).toISOString(),
    resources: streams(state),
  };
};
