/** How a list looks at the world: at `nowMs`, as it was at `asOfMs` where that is not null. */
export interface Sight {
  readonly nowMs: number;
  readonly asOfMs: number | null;
}

/** The place of one resource: what it is, and what it was for as long as a stale list may still show it. Null: gone. */
export class Slot<Resource extends object> {
  /** Never grown in place: an array that grows has room for more than most places ever have versions. */
  private versions: readonly { readonly fromMs: number; readonly resource: Resource | null }[] = [];
  /** Until `untilMs` lists show nothing of what happened at `fromMs` and after. */
  private late: { readonly fromMs: number; readonly before: Resource | null; readonly untilMs: number } | null = null;

  constructor(
    readonly id: string,
    readonly seq: number,
  ) {}

  get current(): Resource | null {
    return this.versions.at(-1)?.resource ?? null;
  }

  get forgotten(): boolean {
    return this.versions.length === 1 && this.current === null;
  }

  replace(resource: Resource | null, fromMs: number): void {
    this.versions = [...this.versions, { fromMs, resource }];
  }

  /**
   * What happened at `fromMs` and after shows in lists from `untilMs` on, until then what was before. What is late already stays so
   * as long as it was to.
   */
  showLate(before: Resource | null, fromMs: number, untilMs: number): void {
    const earlier = this.late !== null && this.late.untilMs > fromMs ? this.late : null;
    this.late =
      earlier === null ? { before, fromMs, untilMs } : { ...earlier, untilMs: Math.max(earlier.untilMs, untilMs) };
  }

  /** The resource as a list shows it, or without a sight as it is; null where it is not there. */
  seen(sight: Sight | null): Resource | null {
    if (sight === null) return this.current;
    const { late } = this;
    const { nowMs, asOfMs } = sight;
    if (late !== null && nowMs < late.untilMs && (asOfMs ?? Infinity) >= late.fromMs) return late.before;
    return asOfMs === null ? this.current : this.asOf(asOfMs);
  }

  /** Drops what no look at `ms` or later can see. */
  forgetBefore(ms: number): void {
    const first = this.versions.findLastIndex(({ fromMs }) => fromMs <= ms);
    if (first > 0) this.versions = this.versions.slice(first);
  }

  /** The resource as it was at a time; null where it was not there yet, or no longer. */
  private asOf(ms: number): Resource | null {
    return this.versions.findLast(({ fromMs }) => fromMs <= ms)?.resource ?? null;
  }
}
