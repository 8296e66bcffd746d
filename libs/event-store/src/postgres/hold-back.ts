import type { Pool } from 'pg';
import { type Append, LaneUnavailable } from '../append.js';
import { TypesHeldBack } from '../types-held-back.js';
import { typesUnknownToFollowers } from './follower-state.js';
import { unlessUnavailable } from './lane/faults.js';

export interface HoldBackOptions {
  readonly pool: Pool;
  /** How long an answer holds that may change. */
  readonly askAgainMs: number;
  /** Appends that may wait for an answer. */
  readonly mostWaiting: number;
  /** A follower does not know these types; told once for each answer, not for each append. */
  readonly onHeldBack?: ((types: readonly string[]) => void) | undefined;
}

interface Answer {
  readonly untilMs: number;
  readonly mayPass: Promise<boolean>;
}

const nothing = (): void => undefined;

/**
 * Holds back event types that a live follower does not know: it would stop before the first of them. A follower lives from its
 * registration until it is retired, whether its process runs at the moment or not: it will have to read what was written.
 * A type that all of them know is asked for once in the life of the process.
 */
export class HoldBack {
  readonly #options: HoldBackOptions;
  readonly #known = new Set<string>();
  readonly #answers = new Map<string, Answer>();
  /** Settled when the newest append that waited for an answer was sent or refused; undefined when none waits. */
  #newest: Promise<unknown> | undefined;
  #waiting = 0;

  constructor(options: HoldBackOptions) {
    this.#options = options;
  }

  /**
   * Emits the append: at once when all its types are known, as after the first append of each, else when that was asked. Those
   * that wait for an answer keep their order, and hold up no others.
   * @throws TypesHeldBack; LaneUnavailable when too many wait already
   */
  async emit<T>(append: Append, send: () => Promise<T>): Promise<T> {
    const unsure = this.#unsureIn(append);
    if (unsure.length === 0) return send();
    if (this.#waiting >= this.#options.mostWaiting) throw new LaneUnavailable('too many appends wait for an answer', 1);
    this.#waiting += 1;
    const asked = Promise.allSettled([this.#newest, this.#pass(unsure)]).then(([, mayPass]) => {
      if (mayPass.status === 'rejected') throw mayPass.reason;
      return { sent: send() };
    });
    const settled = asked.then(nothing, nothing).then(() => {
      this.#waiting -= 1;
      if (this.#newest === settled) this.#newest = undefined;
    });
    this.#newest = settled;
    return (await asked).sent;
  }

  /** Resolves when everything that waits for an answer now was sent or refused. */
  async answered(): Promise<void> {
    await this.#newest;
  }

  #unsureIn({ streams }: Append): readonly string[] {
    const unsure = new Set<string>();
    for (const { events } of streams) for (const { type } of events) if (!this.#known.has(type)) unsure.add(type);
    return [...unsure];
  }

  async #pass(types: readonly string[]): Promise<void> {
    const answers = await Promise.all(types.map((type) => this.#mayPass(type)));
    const held = types.filter((_type, index) => answers[index] === false);
    if (held.length > 0) throw new TypesHeldBack(held, Math.ceil(this.#options.askAgainMs / 1_000));
  }

  #mayPass(type: string): Promise<boolean> {
    const answer = this.#answers.get(type);
    if (answer && performance.now() < answer.untilMs) return answer.mayPass;
    const mayPass = this.#ask(type);
    this.#answers.set(type, { untilMs: performance.now() + this.#options.askAgainMs, mayPass });
    return mayPass;
  }

  async #ask(type: string): Promise<boolean> {
    const { pool, onHeldBack } = this.#options;
    try {
      // In this order: a log without followers must not make a type known for good just as the first one comes.
      const { rowCount } = await pool.query('select from follower_state limit 1');
      const unknown = await typesUnknownToFollowers(pool, [type]);
      if (unknown.length > 0) onHeldBack?.(unknown);
      else if (rowCount) this.#known.add(type);
      return unknown.length === 0;
    } catch (cause) {
      this.#answers.delete(type);
      throw unlessUnavailable(cause);
    }
  }
}
