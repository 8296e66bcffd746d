import type { Change } from './changes.js';
import type { Sight, Slot } from './slot.js';
import type { Snapshot } from './snapshot.js';
import type { Volume } from './volume.js';

type Slots<Resource extends object> = ReadonlyMap<string, Slot<Resource>>;

/** Lets lists show late what was accepted. Lasts as long as the process. */
export class LateEffects {
  /** What was accepted since the last `begin`. */
  private fresh: ((untilMs: number) => void)[] = [];
  private nowMs = 0;
  private lastUntilMs = 0;

  begin(nowMs: number): void {
    this.nowMs = nowMs;
    this.fresh = [];
  }

  /** To be called before the change is applied. */
  remember(
    { volumes, snapshots = [] }: Extract<Change, { kind: 'accepted' }>,
    slots: Slots<Volume>,
    snapshotSlots: Slots<Snapshot>,
  ): void {
    for (const { id } of volumes) this.note(slots, id);
    for (const { id } of snapshots) this.note(snapshotSlots, id);
  }

  /** Lists show what was accepted since the last `begin` only after so many ms. */
  showAfter(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (const showLate of this.fresh) showLate(untilMs);
    this.lastUntilMs = Math.max(this.lastUntilMs, untilMs);
  }

  /** How a list looks at the world, which is settled until `nowMs`; null: all of it as it is. */
  sight(nowMs: number, asOfMs: number | null): Sight | null {
    return asOfMs === null && nowMs >= this.lastUntilMs ? null : { nowMs, asOfMs };
  }

  clear(): void {
    this.fresh = [];
    this.lastUntilMs = 0;
  }

  /** What a place, which may come into being only now, held before. */
  private note<Resource extends object>(slots: Slots<Resource>, id: string): void {
    const { nowMs } = this;
    const before = slots.get(id)?.current ?? null;
    this.fresh.push((untilMs) => slots.get(id)?.showLate(before, nowMs, untilMs));
  }
}
