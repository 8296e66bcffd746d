import type { Follower } from '@strata/event-store';
import { pauseChangesOf, scheduleChangesOf, type KindRules } from '@strata/operations';
import { OperationId, ProjectId } from '@strata/kernel';
import { stepJobId, type AdmittedStep, type Lane, type OperationSchedule, type StepQueue } from '@strata/queue';
import { applyScheduleChanges } from '@strata/queue/postgres';

export interface DispatcherSettings {
  /** Jobs of one class that may wait in the queue: enough to keep the workers busy, few enough to stay fair. */
  readonly waitingJobs: Readonly<Record<Lane, number>>;
  readonly queuedPerProject: number;
  readonly leaseMs: number;
  /** Longest pause between two looks at the schedule, should a nudge be lost. */
  readonly intervalMs: number;
}

export interface DispatcherPorts {
  readonly schedule: OperationSchedule;
  readonly queue: StepQueue;
  readonly rulesOf: (kind: string) => KindRules;
  readonly onFault: (error: unknown) => void;
}

/**
 * What becomes due meanwhile is admitted together: a bulk costs hardly more than one. While rounds find no room or nothing
 * due, however much is committed, the pause grows to the longer one.
 */
const betweenRoundsMs = { shortest: 10, longest: 25 };

/** After a fault of the queue or the database; nudges do not shorten it. */
const pauseAfterFaultMs = 1_000;

/**
 * Follows the log into the schedule, and admits what is due to the queue, fairly over projects (architecture §6). Several
 * may run: a lease is taken by one of them only.
 */
export class Dispatcher {
  private readonly stopping = new AbortController();
  private wake: () => void = () => undefined;
  private nudged = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly ports: DispatcherPorts,
    private readonly settings: DispatcherSettings,
  ) {}

  readonly follower: Follower = {
    name: 'dispatcher',
    handle: (events, tx) =>
      applyScheduleChanges(
        tx,
        events.flatMap((event) => [...scheduleChangesOf(event, this.ports.rulesOf), ...pauseChangesOf(event)]),
      ),
    gatherMs: 5,
    committed: () => this.nudge(),
  };

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.nudge();
    await this.running;
  }

  private nudge(): void {
    this.nudged = true;
    this.wake();
  }

  private async run(): Promise<void> {
    let restMs = betweenRoundsMs.shortest;
    while (!this.stopping.signal.aborted) {
      this.nudged = false;
      try {
        const admitted = await this.admitOnce();
        restMs = admitted > 0 ? betweenRoundsMs.shortest : Math.min(restMs * 2, betweenRoundsMs.longest);
        await this.pause(restMs, { evenWhenNudged: true });
        if (admitted === 0) await this.pause((await this.untilNextDueMs()) ?? this.settings.intervalMs);
      } catch (error) {
        this.ports.onFault(error);
        await this.pause(pauseAfterFaultMs, { evenWhenNudged: true });
      }
    }
  }

  /** One round: as many due steps as the queue has room for. */
  async admitOnce(): Promise<number> {
    const { waitingJobs, queuedPerProject, leaseMs } = this.settings;
    const depth = await this.ports.queue.depth();
    const room = { send: waitingJobs.send - depth.send, look: waitingJobs.look - depth.look };
    if (room.send <= 0 && room.look <= 0) return 0;
    const steps = await this.ports.schedule.admit(room, queuedPerProject, leaseMs);
    if (steps.length === 0) return 0;
    try {
      await this.ports.queue.admit(steps.map(jobOf));
    } catch (error) {
      await this.ports.schedule.giveBack(steps);
      throw error;
    }
    return steps.length;
  }

  /** An overdue step that was not admitted waits for room: asked again after a short pause. */
  private async untilNextDueMs(): Promise<number | undefined> {
    const dueInMs = await this.ports.schedule.nextDueInMs();
    return dueInMs === undefined ? undefined : Math.min(Math.max(dueInMs, 20), this.settings.intervalMs);
  }

  private async pause(forMs: number, { evenWhenNudged = false } = {}): Promise<void> {
    if ((this.nudged && !evenWhenNudged) || this.stopping.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, forMs);
      this.wake = () => {
        if (evenWhenNudged && !this.stopping.signal.aborted) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = () => undefined;
  }
}

const jobOf = ({ operationId, projectId, lane, leaseId, admissions }: AdmittedStep) => {
  const id = OperationId.parse(operationId);
  return {
    jobId: stepJobId(id, lane, admissions),
    operationId: id,
    projectId: ProjectId.parse(projectId),
    lane,
    leaseId,
  };
};
