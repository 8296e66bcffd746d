import { setTimeout as pause } from 'node:timers/promises';
import { Turns } from './turns.js';
import { currentUrgency, type Urgency } from './urgency.js';

/** One endpoint, asked with one credential: what a cloud counts requests by. */
export interface Line {
  readonly endpoint: string;
  /** The reference to it. */
  readonly credential: string;
}

export interface Grant {
  readonly turns: number;
  /** What the cloud bears at the moment, in requests per second. */
  readonly perSecond: number;
}

/** The budgets that all workers share. */
export interface SharedBudgets {
  /** Some of what is left, up to `wanted`; whoever can wait leaves `reserve` of the whole (0 to 1) to others. */
  take(line: Line, wanted: number, reserve: number): Promise<Grant>;
  /** Turns that were taken and will not be used: they do not count as requests. */
  giveUp(line: Line, unused: number): Promise<void>;
  /** The cloud asks for fewer requests. */
  slowDown(line: Line): Promise<void>;
}

export interface BudgetPorts {
  readonly shared: SharedBudgets;
  /** Monotonic, in ms. */
  readonly nowMs: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** Does something later, unless the process ends before. */
  readonly later: (ms: number, work: () => void) => void;
  readonly onFault: (error: unknown) => void;
}

export const pauseFor = async (ms: number): Promise<void> => void (await pause(ms));

export const later = (ms: number, work: () => void): void => void setTimeout(work, ms).unref();

/** Taken together with what is wanted now, so that the database is asked a few times a second and not by each request. */
const aheadMs = 50;
/** What was taken and not used by then is given up: it would come on top of what others take meanwhile. */
const goodForMs = 200;
/** Between two questions while somebody waits. In ms. */
const shortestPauseMs = 20;
const longestPauseMs = 250;
const pauseAfterFaultMs = 250;

/** What whoever can wait leaves of a budget, so that a worker full of bulk does not use up what one person waits for elsewhere. */
const reserves: Readonly<Record<Urgency, number>> = { interactive: 0, bulk: 0.2, background: 0.4 };

interface Held {
  turns: number;
  readonly untilMs: number;
}

/** This worker's part in one budget. */
export class SharedBudget {
  private readonly turns = new Turns<() => void>();
  private held: Held = { turns: 0, untilMs: 0 };
  private perSecond: number;
  private asking = false;

  constructor(
    private readonly line: Line,
    perSecond: number,
    private readonly ports: BudgetPorts,
  ) {
    this.perSecond = perSecond;
  }

  /** Resolves when a request may leave. Rejects when aborted. */
  async turn(signal?: AbortSignal, urgency = currentUrgency()): Promise<void> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const served = (): void => {
        signal?.removeEventListener('abort', given);
        resolve();
      };
      const given = (): void => {
        this.turns.remove(urgency, served);
        reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      signal?.addEventListener('abort', given, { once: true });
      this.turns.add(urgency, served);
      this.serve();
    });
  }

  /** All requests under way may be told so at once: the table takes it as one. */
  throttled(): void {
    this.letGo(this.held);
    void this.ports.shared.slowDown(this.line).catch(this.ports.onFault);
  }

  private serve(): void {
    const { nowMs } = this.ports;
    while (this.held.turns > 0 && this.held.untilMs > nowMs()) {
      const next = this.turns.next();
      if (next === undefined) return;
      this.held.turns -= 1;
      next();
    }
    if (this.turns.length > 0 && !this.asking) void this.ask();
  }

  /** It is the figure of what was used that it is told for, which fades by itself when it cannot be told. */
  private letGo(held: Held): void {
    const unused = held.turns;
    held.turns = 0;
    if (unused > 0) void this.ports.shared.giveUp(this.line, unused).catch(() => undefined);
  }

  /** As long as somebody waits. One question at a time: what comes meanwhile is asked for with the next. */
  private async ask(): Promise<void> {
    this.asking = true;
    try {
      for (let urgency = this.turns.mostUrgent; urgency !== undefined; urgency = this.turns.mostUrgent) {
        const pauseMs = await this.askOnce(urgency);
        if (pauseMs > 0) await this.ports.pause(pauseMs);
      }
    } finally {
      this.asking = false;
    }
  }

  private async askOnce(urgency: Urgency): Promise<number> {
    try {
      const wanted = Math.max(this.turns.length, Math.ceil((this.perSecond * aheadMs) / 1_000));
      const { turns, perSecond } = await this.ports.shared.take(this.line, wanted, reserves[urgency]);
      this.perSecond = perSecond;
      this.letGo(this.held);
      const held = { turns, untilMs: this.ports.nowMs() + goodForMs };
      this.held = held;
      this.serve();
      if (held.turns > 0) this.ports.later(goodForMs, () => this.letGo(held));
      return this.turns.length > 0 ? Math.min(Math.max(shortestPauseMs, 500 / perSecond), longestPauseMs) : 0;
    } catch (error) {
      // Without the database no step can do anything: it waits with them.
      this.ports.onFault(error);
      return pauseAfterFaultMs;
    }
  }
}
