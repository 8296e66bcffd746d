import type { EventStore } from '@strata/event-store';
import type { NextStep, StepMemory } from '@strata/queue';
import type { Carrier, KindRules } from '../kind.js';
import type { Pace } from './pace.js';
import type { Patience } from './plan-step.js';

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
  readonly patienceOf: (bindingId: string) => Patience | Promise<Patience>;
  /** Told when something was found so long after its intent that had not been seen on an earlier look. */
  readonly appearedAfter: (bindingId: string, afterMs: number) => Promise<void>;
  /** Resolves when the budget of requests to the cloud of a binding has room for a write. */
  readonly turnAt: (bindingId: string) => Promise<void>;
  /** All that the work asks of a cloud is this urgent: `bulk` for what is one of many, `interactive` for what stands alone. */
  readonly withUrgency: <Result>(urgency: 'interactive' | 'bulk', work: () => Promise<Result>) => Promise<Result>;
  readonly pace: Pace;
  /** How long others of the kind took in the binding, as far as it is known. */
  readonly tookMs: (kind: string, bindingId: string) => Promise<readonly number[]>;
  readonly nowMs: () => number;
  /** Monotonic: never jumps, goes on while the process is stopped. */
  readonly monotonicMs: () => number;
  readonly random: () => number;
  readonly passed: (point: StepPoint, operationId: string) => Promise<void>;
  /** True while the lease is still ours: asked before the write. */
  readonly stillMine: () => boolean;
  /** The pause that holds the operation by now, for a step that has waited since it was told. */
  readonly heldBy: () => Promise<string | null>;
}

/** What the schedule knows of the step; held by nothing unless it says so. */
export type Memory = Pick<StepMemory, 'looks' | 'lastSeen' | 'resources'> &
  Partial<Pick<StepMemory, 'heldBy' | 'holds'>>;

/**
 * What a step leaves behind: when to come back; `null` when it ended the operation, which the log tells the schedule; `gone`
 * when there was nothing to do because the operation had ended before, or never was.
 */
export type After = NextStep | null | 'gone';
