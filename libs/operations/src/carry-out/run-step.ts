import { CloudSilent, type Sent } from '@strata/cloud';
import { unreachable, type JsonObject, type StreamId } from '@strata/kernel';
import type { NextStep, Lane, StepMemory, WaitingFor } from '@strata/queue';
import type { Found, LookContext } from '../kind.js';
import { atSafePoint, isOpen } from '../operation/operation.js';
import { cloudRefusal, deadlinePassed, notBegun, outcomeUnknown, stuckInCloud } from '../operation/operation.errors.js';
import { aheadOf } from './ahead.js';
import { gather } from './gather.js';
import { hopeless } from './hopeless.js';
import { lookContextOf } from './look-context.js';
import { OperationCase } from './operation-case.js';
import { answered, freshNotes, notesFrom, type Notes } from './notes.js';
import { backOffMs } from './pace.js';
import { planStep, windowWaitMs, type Patience, type Step } from './plan-step.js';
import { neverToBeHad } from './removed-binding.js';
import { nextStuckLookInMs, resolve, suspicionOf } from './stuck.js';
import type { After, Memory, StepPorts } from './step-ports.js';
import { judged } from './untouched.js';

/** A step that waited so long for its turn asks again whether it is held. In ms. */
const toldForMs = 100;

/** One short step of one operation: send, or look. What is news goes into the log; the rest is when to come back. */
export const runStep = async <Cloud>(ports: StepPorts<Cloud>, operationId: string, memory: Memory): Promise<After> => {
  // The schedule keeps what the kind's rules named as streams when the operation was requested.
  const resources = memory.resources as readonly StreamId[];
  const theCase = await OperationCase.open(ports.store, ports.rulesOf, operationId, resources);
  if (theCase === undefined) return 'gone';
  await ports.passed('loaded', operationId);
  const { known } = theCase;
  if (!isOpen(known)) return 'gone';
  const patience = await ports.patienceOf(known.bindingId ?? '');
  const notes = notesFrom(memory.lastSeen, known.attempts);
  const ahead = await aheadOf(ports.store, known);
  const moment = { nowMs: ports.nowMs(), holds: memory.holds ?? [] };
  const step = planStep(theCase.history, theCase.rules, notes, patience, moment, ahead);
  return new StepRun(ports, theCase, patience, notes, { heldBy: null, ...memory }).carryOut(step);
};

class StepRun<Cloud> {
  constructor(
    private readonly ports: StepPorts<Cloud>,
    private readonly theCase: OperationCase,
    private readonly patience: Patience,
    private readonly noted: Notes,
    private readonly memory: Pick<StepMemory, 'looks' | 'heldBy'>,
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
        return this.again('look', step.forMs, this.notes, step.waitingFor);
      case 'gather':
        if (await gather(this.ports.store, this.theCase)) return null;
        return this.memory.heldBy === null ? this.gatherAgain() : this.held('look', this.memory.heldBy);
      case 'conclude-cancel':
        return this.ended(await this.theCase.end({ end: 'cancelled' }));
      case 'give-up':
        return this.giveUp();
      case 'not-begin':
        return this.ended(await this.theCase.end({ end: 'failed', error: notBegun(), left: {} }));
      case 'send':
        return this.memory.heldBy === null ? this.withCloud(step) : this.held('send', this.memory.heldBy);
      case 'look-up':
      case 'look':
        return this.withCloud(step);
      default:
        return unreachable(step);
    }
  }

  /** Every part calls when it has ended. */
  private gatherAgain(): After {
    const waitMs = windowWaitMs(this.known, this.ports.nowMs());
    return this.again('look', Math.max(waitMs, 30_000), this.notes, waitMs > 0 ? 'window' : null);
  }

  private async withCloud(step: Extract<Step, { do: 'send' | 'look-up' | 'look' }>): Promise<After> {
    const { bindingId } = this.theCase.known;
    const cloud = bindingId === null ? undefined : await this.ports.cloudOf(bindingId);
    if (cloud === undefined) {
      const never = await neverToBeHad(this.ports.store, bindingId);
      return never === null ? this.postponed('cloud', null) : this.giveUp(never);
    }
    const urgency = this.theCase.known.partOf === null ? 'interactive' : 'bulk';
    return this.ports.withUrgency(urgency, () => this.at(cloud, step));
  }

  private async at(cloud: Cloud, step: Extract<Step, { do: 'send' | 'look-up' | 'look' }>): Promise<After> {
    try {
      switch (step.do) {
        case 'send':
          return await this.send(cloud, step);
        case 'look-up':
          return await this.lookUp(cloud, step);
        case 'look':
          return await this.look(cloud, step);
      }
    } catch (error) {
      if (error instanceof CloudSilent)
        return this.postponed(error.why === 'throttled' ? 'rate-budget' : 'cloud', error.retryAfterMs);
      throw error;
    }
  }

  private async send(cloud: Cloud, { attempt, provenUnsent }: Extract<Step, { do: 'send' }>): Promise<After> {
    const { operationId } = this.known;
    const { sendWithinMs, requestTimeoutMs } = this.patience;
    // Before the intent: from then on the time to send is running.
    const carrier = this.ports.carrierOf(this.known.kind);
    const askedMs = this.ports.monotonicMs();
    await Promise.all([this.ports.turnAt(this.known.bindingId ?? ''), carrier.turnsElsewhere(this.open)]);
    const heldBy = this.ports.monotonicMs() - askedMs > toldForMs ? await this.ports.heldBy() : null;
    if (heldBy !== null) return this.held('send', heldBy);
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
    const sent = await carrier.send(cloud, context);
    await this.ports.passed('write-sent', operationId);
    return this.recordSent(cloud, attempt, sent);
  }

  private async recordSent(cloud: Cloud, attempt: number, sent: Sent): Promise<After> {
    const { operationId } = this.known;
    switch (sent.outcome) {
      case 'accepted': {
        const { jobId, cloudId, requestId: cloudRequestId } = sent;
        const data = { attempt, jobId, cloudId, cloudRequestId, via: 'answer' } as const;
        await this.theCase.report({ type: 'RecordAccepted', data });
        await this.ports.passed('answer-recorded', operationId);
        const dueInMs = this.ports.pace.nextLookInMs(this.paceKey, 0);
        return dueInMs > 0
          ? this.backToCloud(dueInMs, answered(this.notes))
          : this.look(cloud, { sinceMs: this.ports.nowMs(), last: false });
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

  private async lookUp(cloud: Cloud, { attempt, enough, sinceMs }: Extract<Step, { do: 'look-up' }>): Promise<After> {
    const found: Found =
      enough.count === 0
        ? { found: false }
        : await this.ports.carrierOf(this.known.kind).lookUp(cloud, this.lookContext(sinceMs));
    await this.ports.passed('effect-looked-up', this.known.operationId);
    if (found.found) {
      if (this.notes.emptyLooks > 0)
        await this.ports.appearedAfter(this.known.bindingId ?? '', this.ports.nowMs() - sinceMs);
      const data = { attempt, jobId: null, cloudId: found.cloudId, cloudRequestId: null, via: 'look-up' } as const;
      await this.theCase.report({ type: 'RecordAccepted', data });
      return this.again('look', 0, freshNotes(attempt));
    }
    const emptyLooks = this.notes.emptyLooks + 1;
    const nowMs = this.ports.nowMs();
    if (found.undone || (emptyLooks >= enough.count && nowMs >= enough.notBeforeMs)) {
      const error = hopeless(attempt, found, enough.count, this.theCase.rules);
      if (error) return this.ended(await this.theCase.end({ end: 'failed', error, left: {} }));
      await this.theCase.report({ type: 'PresumeAbsent', data: { attempt, emptyLooks } });
      return this.again('send', found.undone ? backOffMs(attempt, this.ports.random) : 0, freshNotes(attempt));
    }
    // Looks are spread evenly over what is left, so that a late effect has its chance to show.
    const leftMs = Math.max(enough.notBeforeMs - nowMs, 0);
    const waitMs = Math.max(leftMs / Math.max(enough.count - emptyLooks, 1), 20);
    return this.again('look', waitMs, { ...answered(this.notes), attempt, emptyLooks });
  }

  private async look(cloud: Cloud, { sinceMs, last }: Omit<Extract<Step, { do: 'look' }>, 'do'>): Promise<After> {
    if (this.known.status === 'queued') await this.theCase.report({ type: 'Begin' });
    const carrier = this.ports.carrierOf(this.known.kind);
    const nowMs = this.ports.nowMs();
    const pendingForMs = Math.max(nowMs - sinceMs, 0);
    const suspicion = await suspicionOf(this.known, pendingForMs, this.theCase.rules, this.ports);
    const trustedForMs = (suspicion?.afterMs ?? Infinity) - pendingForMs;
    const suspected = last || trustedForMs <= 0;
    const context = this.lookContext(sinceMs);
    const told = suspected ? await resolve(carrier, cloud, context) : await carrier.look(cloud, context);
    await this.ports.passed('cloud-looked-at', this.known.operationId);
    const { seen, notes } = judged(told, this.notes, nowMs, this.patience);
    switch (seen.look) {
      case 'pending': {
        const looks = this.memory.looks + 1;
        await this.theCase.report({ type: 'RecordProgress', state: seen.state, cloudId: seen.cloudId });
        if (last) return this.endStuck(await carrier.leftWhenStuck(cloud, this.lookContext(sinceMs)));
        if (suspicion !== null && suspected) {
          await this.theCase.report({ type: 'SuspectStuck', data: suspicion });
          return this.again('look', nextStuckLookInMs(pendingForMs), notes, 'cloud', looks);
        }
        const dueInMs = Math.max(this.ports.pace.nextLookInMs(this.paceKey, pendingForMs), 20);
        return this.backToCloud(dueInMs, notes, looks, pendingForMs, trustedForMs);
      }
      case 'done':
        this.ports.pace.learn(this.paceKey, seen.tookMs ?? pendingForMs);
        return this.ended(await this.theCase.end({ end: 'succeeded', outcome: seen.outcome }));
      case 'failed':
        return this.ended(await this.theCase.end({ end: 'failed', error: seen.error, left: seen.left }));
    }
  }

  /** Ended by name, as a rule for the deadline of the whole; what became of it in the cloud is left to observation. */
  private async giveUp(atSafePointFor = deadlinePassed()): Promise<After> {
    const { known } = this;
    // What a pause keeps from being sent is not late, should the count of that time be lost.
    if (this.memory.heldBy !== null && this.theCase.rules.sends && atSafePoint(known))
      return this.held('send', this.memory.heldBy);
    const phase = known.status === 'running' ? known.phase : null;
    if (phase === 'accepted')
      return this.endStuck(await this.ports.carrierOf(known.kind).leftWhenStuck(null, this.lookContext(0)));
    const error = phase === 'sending' || phase === 'lost' ? outcomeUnknown() : atSafePointFor;
    return this.ended(await this.theCase.end({ end: 'failed', error, left: {} }));
  }

  /** The cloud has it and may still finish it: what is undecided stays charged until it is observed. */
  private async endStuck(left: JsonObject): Promise<After> {
    const error = stuckInCloud(Object.keys(left).length > 0);
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

  /** Until the pause ends. The notes stay: what is proven of the last attempt is proven then, too. */
  private held(lane: Lane, heldBy: string): After {
    return { lane, dueInMs: 0, looks: this.memory.looks, lastSeen: { ...this.notes }, waitingFor: 'lock', heldBy };
  }

  private again(
    lane: Lane,
    dueInMs: number,
    notes: Notes,
    waitingFor: WaitingFor | null = null,
    looks = this.memory.looks,
  ): NextStep {
    return { lane, dueInMs: Math.round(dueInMs), looks, lastSeen: { ...notes }, waitingFor };
  }

  /** Back to what the cloud is at: by itself, or when the list that shows many tells, and at the latest after `withinMs`. */
  private backToCloud(dueInMs: number, notes: Notes, looks = 0, pendingForMs = 0, withinMs = Infinity): NextStep {
    const as = this.ports.carrierOf(this.known.kind).showsAs(this.lookContext(0));
    const next = this.again('look', Math.min(dueInMs, withinMs), notes, null, looks);
    if (as === null || notes.through) return next;
    const shown = this.ports.pace.shown(this.paceKey, as, looks, pendingForMs);
    return { ...next, shown: { ...shown, dueInMs: Math.round(Math.min(shown.dueInMs, withinMs)) } };
  }

  private lookContext(sinceMs: number): LookContext {
    return lookContextOf(this.open, sinceMs);
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
