import type { JsonObject } from '@strata/kernel';
import type { Lane } from './step-queue.js';

export type WaitingFor = 'turn' | 'cloud-quota' | 'lock' | 'rate-budget' | 'window' | 'cloud';

/** What the log says about an open operation, as far as scheduling goes. Put back from open operations by the
 * watchdog when a row is lost. */
export type ScheduleChange =
  | {
      readonly change: 'open';
      readonly operationId: string;
      readonly projectId: string;
      readonly bindingId: string | null;
      /** Of operation. */
      readonly kind: string;
      readonly lane: Lane;
      /** RFC 3339. */
      readonly deadlineAt: string;
      /** Streams of the resources that it works on. */
      readonly resources: readonly string[];
    }
  | { readonly change: 'due-now'; readonly operationId: string }
  | { readonly change: 'close'; readonly operationId: string }
  /** What is not sent yet is held until it ends. Times: RFC 3339. */
  | {
      readonly change: 'pause';
      readonly pauseId: string;
      /** A project, with all below it, or a binding. */
      readonly node: string;
      /** Of operation; null: of every kind. */
      readonly kind: string | null;
      readonly reason: string;
      readonly since: string;
      readonly until: string;
    }
  /** `at`: RFC 3339. */
  | { readonly change: 'resume'; readonly pauseId: string; readonly at: string };

/** A time during which a pause held it, or holds it; ms since 1970, by the clock of the log. */
export interface Hold {
  readonly sinceMs: number;
  /** When it has ended, or is to end. */
  readonly untilMs: number;
}

/** A step that may run now, under a lease. */
export interface AdmittedStep {
  readonly operationId: string;
  readonly projectId: string;
  readonly bindingId: string | null;
  readonly lane: Lane;
  readonly leaseId: string;
  /** How often this operation has been admitted: makes the job id `<operation>.<step>.<n>` new each time. */
  readonly admissions: number;
}

/** What a worker remembers between two looks. Not part of the log: losing it costs looks, never safety. */
export interface StepMemory {
  /** Streams of the resources that the operation works on. */
  readonly resources: readonly string[];
  /** How long the lease still holds, in ms from now. */
  readonly leaseLeftMs: number;
  /** By the clock of the log, which gives its events their times: ms since 1970. */
  readonly nowMs: number;
  readonly looks: number;
  readonly lastSeen: JsonObject | null;
  /** The pause in force that it must not send under, if any. */
  readonly heldBy: string | null;
  /** The pauses that concern it, ended or not: what they held is not counted against its deadline. */
  readonly holds: readonly Hold[];
}

export interface NextStep {
  readonly lane: Lane;
  readonly dueInMs: number;
  readonly looks: number;
  readonly lastSeen: JsonObject | null;
  readonly waitingFor: WaitingFor | null;
  /** The pause that it waits for: due when that ends, whatever `dueInMs` says. */
  readonly heldBy?: string | null;
  /** Where the cloud's list may tell that it is time to look. */
  readonly shown?: Shown | undefined;
}

/** Work whose resource one list of the cloud shows together with those of others. */
export interface Shown {
  /** The marker that the resource carries. */
  readonly as: string;
  /** So many of one binding at a time, this one included, are followed by the list, fewer each by itself. */
  readonly fromMany: number;
  /** When an operation that is followed by the list is due all the same, in ms from now. */
  readonly dueInMs: number;
}

/** `operation_schedule`: when to look next is data, mutable, and no part of the log (architecture §3, §6). */
export abstract class OperationSchedule {
  /**
   * Takes a lease on due steps by weighted rounds over projects: at most `room` of each class in all, and at most
   * `perProject` queued jobs of one project at a time. A lease that ran out is due again.
   */
  abstract admit(
    room: Readonly<Record<Lane, number>>,
    perProject: number,
    leaseMs: number,
  ): Promise<readonly AdmittedStep[]>;
  /** Steps that could not be handed to the queue are due again at once, under a new lease. */
  abstract giveBack(steps: readonly AdmittedStep[]): Promise<void>;
  /** False when the lease is no longer this one: whoever holds it must stop before its next write. */
  abstract renew(operationId: string, leaseId: string, leaseMs: number): Promise<boolean>;
  /** Undefined when the lease is no longer this one: the step is somebody else's, or over. */
  abstract recall(operationId: string, leaseId: string): Promise<StepMemory | undefined>;
  /**
   * Ends a step: when to come back. Nothing happens under another's lease. An operation that has ended is taken out of the
   * schedule by the log (`close`), not by the step.
   */
  abstract settle(operationId: string, leaseId: string, next: NextStep): Promise<void>;
  /** Takes out what should not be there: an operation that the log knows as ended. */
  abstract drop(operationId: string, leaseId: string): Promise<void>;
  /** For `waitingFor`; an operation that is not scheduled is missing. */
  abstract waiting(
    operationIds: readonly string[],
  ): Promise<ReadonlyMap<string, { waitingFor: WaitingFor | null; dueAt: Date }>>;
  /** As `StepMemory.heldBy`, asked again by a step that has waited. */
  abstract heldBy(operationId: string): Promise<string | null>;
  /** In ms from now, negative when overdue; undefined when nothing is open. */
  abstract nextDueInMs(): Promise<number | undefined>;
}
