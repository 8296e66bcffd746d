import { CloudSilent, type Sent } from '@strata/cloud';
import type { EventStore } from '@strata/event-store';
import { unreachable, type StreamId } from '@strata/kernel';
import type { NextStep, Lane, StepMemory, WaitingFor } from '@strata/queue';
import type { Carrier, KindRules, LookContext } from '../kind.js';
import { isOpen } from '../operation/operation.js';
import { cloudRefusal, deadlinePassed, notBegun, outcomeUnknown } from '../operation/operation.errors.js';
import { aheadOf } from './ahead.js';
import { gather } from './gather.js';
import { OperationCase } from './operation-case.js';
import { backOffMs, type Pace } from './pace.js';
import { freshNotes, notesFrom, planStep, type Notes, type Patience, type Step } from './plan-step.js';

/** Named moments between which a worker may die; tests kill it there. */
export type StepPoint =
  | 'loaded'
  | 'intent-recorded'
  | 'write-sent'
  | 'answer-recorded'
  | 'effect-looked-up'
  | 'cloud-looked-at'
  | 'end-recorded'
  | 'settled';

export interface StepPorts<Cloud> {
  readonly store: EventStore;
  readonly rulesOf: (kind: string) => KindRules;
  readonly carrierOf: (kind: string) => Carrier<Cloud>;
  /** The cloud of a binding. Undefined while it cannot be had (no credentials yet): the operation waits for `cloud`. */
  readonly cloudOf: (bindingId: string) => Promise<Cloud | undefined>;
  readonly patienceOf: (bindingId: string) => Patience;
  /** Resolves when the budget of requests to the cloud of a binding has room for a write. */
  readonly turnAt: (bindingId: string) => Promise<void>;
  readonly pace: Pace;
  readonly nowMs: () => number;
  /** Monotonic: never jumps, goes on while the process is stopped. */
  readonly monotonicMs: () => number;
  readonly random: () => number;
  readonly passed: (point: StepPoint, operationId: string) => Promise<void>;
  /** True while the lease is still ours: asked before the write. */
  readonly stillMine: () => boolean;
}

/**
 * What a step leaves behind: when to come back; `null` when it ended the operation, which the log tells the schedule; `gone`
 * when there was nothing to do because the operation had ended before, or never was.
 */
export type After = NextStep | null | 'gone';

/** One short step of one operation: send, or look. What is news goes into the log; the rest is when to come back. */
export const runStep = async <Cloud>(
  ports: StepPorts<Cloud>,
  operationId: string,
  memory: Pick<StepMemory, 'looks' | 'lastSeen' | 'resources'>,
): Promise<After> => {
  // The schedule keeps what the kind's rules named as streams when the operation was requested.
  const resources = memory.resources as readonly StreamId[];
  const theCase = await OperationCase.open(ports.store, ports.rulesOf, operationId, resources);
  if (theCase === undefined) return 'gone';
  await ports.passed('loaded', operationId);
  const { known } = theCase;
  if (!isOpen(known)) return 'gone';
  const patience = ports.patienceOf(known.bindingId ?? '');
  const notes = notesFrom(memory.lastSeen, known.attempts);
  const ahead = await aheadOf(ports.store, known);
  const step = planStep(theCase.history, theCase.rules, notes, patience, ports.nowMs(), ahead);
  return new StepRun(ports, theCase, patience, notes, memory.looks).carryOut(step);
};

class StepRun<Cloud> {
  constructor(
    private readonly ports: StepPorts<Cloud>,
    private readonly theCase: OperationCase,
    private readonly patience: Patience,
    private readonly noted: Notes,
    private readonly looks: number,
  ) {}

  /** Of the attempt that is under way by now, which may have begun in this step. */
  private get notes(): Notes {
    const { attempts } = this.known;
    return this.noted.attempt === attempts ? this.noted : freshNotes(attempts);
  }

  async carryOut(step: Step): Promise<After> {
    switch (step.do) {
      case 'nothing':
        return null;
      case 'wait':
        return this.again('look', step.forMs, this.notes);
      case 'gather':
        return (await gather(this.ports.store, this.theCase)) ? null : this.again('look', 30_000, this.notes);
      case 'conclude-cancel':
        return this.ended(await this.theCase.end({ end: 'cancelled' }));
      case 'give-up':
        return this.giveUp();
      case 'not-begin':
        return this.ended(await this.theCase.end({ end: 'failed', error: notBegun(), left: {} }));
      case 'send':
      case 'look-up':
      case 'look':
        return this.withCloud(step);
      default:
        return unreachable(step);
    }
  }

  private async withCloud(step: Extract<Step, { do: 'send' | 'look-up' | 'look' }>): Promise<After> {
    const { bindingId } = this.theCase.known;
    const cloud = bindingId === null ? undefined : await this.ports.cloudOf(bindingId);
    if (cloud === undefined) return this.postponed('cloud', null);
    try {
      switch (step.do) {
        case 'send':
          return await this.send(cloud, step);
        case 'look-up':
          return await this.lookUp(cloud, step);
        case 'look':
          return await this.look(cloud, step.sinceMs);
      }
    } catch (error) {
      if (error instanceof CloudSilent)
        return this.postponed(error.why === 'throttled' ? 'rate-budget' : 'cloud', error.retryAfterMs);
      throw error;
    }
  }

  private async send(cloud: Cloud, step: Extract<Step, { do: 'send' }>): Promise<After> {
    const { operationId } = this.known;
    const { attempt, provenUnsent } = step;
    const { sendWithinMs, requestTimeoutMs } = this.patience;
    // Before the intent: from then on the time to send is running.
    await this.ports.turnAt(this.known.bindingId ?? '');
    // An intent that is not acted upon costs the whole quiet period: better none.
    if (!this.ports.stillMine()) return this.again('send', 0, this.notes);
    const marker = `${operationId}.${attempt}`;
    const startedMs = this.ports.monotonicMs();
    const intended = await this.theCase.report({ type: 'IntendSend', attempt, marker, sendWithinMs, provenUnsent });
    if (intended.status === 'no-news') return this.again('look', 0, this.notes);
    await this.ports.passed('intent-recorded', operationId);
    if (!this.ports.stillMine()) return this.again('send', 0, freshNotes(attempt));

    const mayStillSend = () => this.ports.monotonicMs() - startedMs < sendWithinMs;
    const context = { operation: this.open, marker, timeoutMs: requestTimeoutMs, mayStillSend };
    const sent = await this.ports.carrierOf(this.known.kind).send(cloud, context);
    await this.ports.passed('write-sent', operationId);
    return this.recordSent(cloud, attempt, sent);
  }

  private async recordSent(cloud: Cloud, attempt: number, sent: Sent): Promise<After> {
    const { operationId } = this.known;
    switch (sent.outcome) {
      case 'accepted': {
        const { jobId, cloudId, requestId: cloudRequestId } = sent;
        await this.theCase.report({
          type: 'RecordAccepted',
          data: { attempt, jobId, cloudId, cloudRequestId, via: 'answer' },
        });
        await this.ports.passed('answer-recorded', operationId);
        const dueInMs = this.ports.pace.nextLookInMs(this.paceKey, 0);
        return dueInMs > 0 ? this.backToCloud(dueInMs, 0, 0) : this.look(cloud, this.ports.nowMs());
      }
      case 'refused':
        return this.ended(
          await this.theCase.end({ end: 'failed', error: cloudRefusal(sent.reason, sent.fault), left: {} }),
        );
      case 'not-now': {
        const postponed = this.noted.postponed + 1;
        const waitMs = Math.max(sent.retryAfterMs ?? 0, backOffMs(postponed, this.ports.random));
        const waitingFor: WaitingFor = sent.why === 'throttled' ? 'rate-budget' : 'cloud';
        return this.again('send', waitMs, { ...freshNotes(attempt), unsent: true, postponed }, waitingFor);
      }
      case 'unknown':
        await this.theCase.report({ type: 'RecordLost', data: { attempt, fault: sent.fault } });
        await this.ports.passed('answer-recorded', operationId);
        return this.again('look', 50, freshNotes(attempt));
    }
  }

  private async lookUp(cloud: Cloud, step: Extract<Step, { do: 'look-up' }>): Promise<After> {
    const { attempt, enough } = step;
    const found =
      enough.count === 0
        ? ({ found: false } as const)
        : await this.ports.carrierOf(this.known.kind).lookUp(cloud, this.lookContext(step.sinceMs));
    await this.ports.passed('effect-looked-up', this.known.operationId);
    if (found.found) {
      const data = { attempt, jobId: null, cloudId: found.cloudId, cloudRequestId: null, via: 'look-up' } as const;
      await this.theCase.report({ type: 'RecordAccepted', data });
      return this.again('look', 0, freshNotes(attempt));
    }
    const emptyLooks = this.notes.emptyLooks + 1;
    const nowMs = this.ports.nowMs();
    if (emptyLooks >= enough.count && nowMs >= enough.notBeforeMs) {
      if (enough.count > 0 && this.theCase.rules.absence === 'unprovable')
        return this.ended(await this.theCase.end({ end: 'failed', error: outcomeUnknown(), left: {} }));
      await this.theCase.report({ type: 'PresumeAbsent', data: { attempt, emptyLooks } });
      return this.again('send', 0, freshNotes(attempt));
    }
    // Looks are spread evenly over what is left, so that a late effect has its chance to show.
    const leftMs = Math.max(enough.notBeforeMs - nowMs, 0);
    const waitMs = Math.max(leftMs / Math.max(enough.count - emptyLooks, 1), 20);
    return this.again('look', waitMs, { ...this.notes, attempt, emptyLooks });
  }

  private async look(cloud: Cloud, sinceMs: number): Promise<After> {
    const { operationId, kind } = this.known;
    if (this.known.status === 'queued') await this.theCase.report({ type: 'Begin' });
    const seen = await this.ports.carrierOf(kind).look(cloud, this.lookContext(sinceMs));
    await this.ports.passed('cloud-looked-at', operationId);
    const pendingForMs = Math.max(this.ports.nowMs() - sinceMs, 0);
    switch (seen.look) {
      case 'pending': {
        await this.theCase.report({ type: 'RecordProgress', state: seen.state, cloudId: seen.cloudId });
        const dueInMs = Math.max(this.ports.pace.nextLookInMs(this.paceKey, pendingForMs), 20);
        return this.backToCloud(dueInMs, this.looks + 1, pendingForMs);
      }
      case 'done':
        this.ports.pace.learn(this.paceKey, seen.tookMs ?? pendingForMs);
        return this.ended(await this.theCase.end({ end: 'succeeded', outcome: seen.outcome }));
      case 'failed':
        return this.ended(await this.theCase.end({ end: 'failed', error: seen.error, left: seen.left }));
    }
  }

  /** The deadline of the whole has passed: ended by name; what became of it in the cloud is left to observation. */
  private async giveUp(): Promise<After> {
    const { known } = this;
    const phase = known.status === 'running' ? known.phase : null;
    // The cloud has it and may still finish it: what is undecided stays charged until it is observed.
    const left =
      known.status === 'running' && known.phase === 'accepted' ? { cloudId: known.cloudId, broken: true } : {};
    const error = phase === 'sending' || phase === 'lost' ? outcomeUnknown() : deadlinePassed();
    return this.ended(await this.theCase.end({ end: 'failed', error, left }));
  }

  private async ended(reported: { readonly status: 'recorded' | 'no-news' }): Promise<After> {
    await this.ports.passed('end-recorded', this.known.operationId);
    // No news: somebody else went on meanwhile, and what is true now decides.
    return isOpen(this.known) && reported.status === 'no-news' ? this.again('look', 100, this.notes) : null;
  }

  private postponed(waitingFor: WaitingFor, retryAfterMs: number | null): After {
    const notes = { ...this.notes, postponed: this.notes.postponed + 1 };
    const waitMs = Math.max(retryAfterMs ?? 0, backOffMs(notes.postponed, this.ports.random));
    return this.again(this.known.status === 'queued' ? 'send' : 'look', waitMs, notes, waitingFor);
  }

  private again(
    lane: Lane,
    dueInMs: number,
    notes: Notes,
    waitingFor: WaitingFor | null = null,
    looks = this.looks,
  ): NextStep {
    return { lane, dueInMs: Math.round(dueInMs), looks, lastSeen: { ...notes }, waitingFor };
  }

  /** Back to what the cloud is at: by itself, or when the list that shows many tells. */
  private backToCloud(dueInMs: number, looks: number, pendingForMs: number): NextStep {
    const { paceKey, notes } = this;
    const as = this.ports.carrierOf(this.known.kind).showsAs(this.lookContext(0));
    const next = this.again('look', dueInMs, notes, null, looks);
    return as === null || notes.through
      ? next
      : { ...next, shown: this.ports.pace.shown(paceKey, as, looks, pendingForMs) };
  }

  private lookContext(sinceMs: number): LookContext {
    const { open } = this;
    const since = { since: new Date(sinceMs), pendingForMs: Math.max(this.ports.nowMs() - sinceMs, 0) };
    const nothing = { operation: open, marker: '', jobId: null, cloudId: null, ...since };
    if (open.status !== 'running') return nothing;
    switch (open.phase) {
      case 'accepted':
        return { ...nothing, marker: open.marker, jobId: open.jobId, cloudId: open.cloudId };
      case 'sending':
      case 'lost':
        return { ...nothing, marker: open.marker };
      case 'cleared':
      case 'watching':
        return nothing;
    }
  }

  private get paceKey(): string {
    return `${this.known.kind} ${this.known.bindingId}`;
  }

  private get known() {
    return this.theCase.known;
  }

  private get open() {
    const { known } = this;
    if (!isOpen(known)) throw new Error(`operation ${known.operationId} ended under the step`);
    return known;
  }
}
