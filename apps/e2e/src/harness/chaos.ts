import { setTimeout as pausedFor } from 'node:timers/promises';
import { eventually } from './eventually.js';
import type { Service } from './service.js';

export interface ChaosSettings {
  readonly kills: number;
  readonly pauses: number;
  /** When nothing is done, the next one is killed after this all the same, once the last one is back. */
  readonly patienceMs: number;
  /** Longer than a lease and than the quiet period of a write. */
  readonly pauseMs: number;
  readonly random: () => number;
  /** Grows with the work that is done: between two kills there shall be some. */
  readonly progress: () => Promise<number>;
}

/** So much work between two kills, unless it takes longer than the bound. */
const eventsBetweenKills = 8;

/** Kills and freezes processes at random moments. */
export class Chaos {
  readonly kills = new Map<string, number>();
  readonly pauses = new Map<string, number>();
  private over = false;

  constructor(
    private readonly victims: readonly Service[],
    private readonly settings: ChaosSettings,
  ) {}

  /** 0 … 1 */
  get done(): number {
    if (this.over) return 1;
    const { kills, pauses } = this.settings;
    return (total(this.kills) + total(this.pauses)) / (kills + pauses);
  }

  async run(): Promise<void> {
    const { kills, pauses } = this.settings;
    const freezing = [Math.ceil(pauses / 2), Math.floor(pauses / 2)].map((times) => this.freezeTimes(times));
    await Promise.all([this.killTimes(kills), ...freezing]);
    this.over = true;
  }

  private async killTimes(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      const victim = await this.victim();
      const before = await this.settings.progress();
      victim.kill();
      count(this.kills, victim);
      const worked = async () => (await this.settings.progress()) - before >= eventsBetweenKills;
      const withinMs = this.settings.patienceMs;
      // A busy machine takes longer for a birth than for patience: nobody would ever live to do anything.
      await eventually('some work was done', worked, { withinMs }).catch(() => victim.untilReady());
    }
  }

  private async freezeTimes(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      const victim = await this.victim();
      victim.pause();
      await pausedFor(this.settings.pauseMs);
      victim.resume();
      count(this.pauses, victim);
    }
  }

  private victim(): Promise<Service> {
    return eventually('somebody is there', () => {
      const ready = this.victims.filter(({ isReady }) => isReady);
      return Promise.resolve(ready[Math.floor(this.settings.random() * ready.length)]);
    });
  }
}

const count = (counts: Map<string, number>, { name }: Service): void =>
  void counts.set(name, (counts.get(name) ?? 0) + 1);

const total = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((sum, n) => sum + n, 0);

/** The same numbers for the same seed (mulberry32). */
export const randomFrom = (seed: number) => {
  let state = seed >>> 0;
  return (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};
