import type { Volume } from './volume.js';

/** The place of one disk: what it is, and what it was for as long as a stale list may still show it. Null: gone. */
export class Slot {
  private readonly versions: { readonly fromMs: number; readonly volume: Volume | null }[] = [];

  constructor(
    readonly id: string,
    readonly seq: number,
  ) {}

  get current(): Volume | null {
    return this.versions.at(-1)?.volume ?? null;
  }

  get forgotten(): boolean {
    return this.versions.length === 1 && this.current === null;
  }

  replace(volume: Volume | null, fromMs: number): void {
    this.versions.push({ fromMs, volume });
  }

  /** The disk as it was at a time; null where it was not there yet, or no longer. */
  asOf(ms: number): Volume | null {
    return this.versions.findLast(({ fromMs }) => fromMs <= ms)?.volume ?? null;
  }

  /** Drops what no look at `ms` or later can see. */
  forgetBefore(ms: number): void {
    while (this.versions[1] !== undefined && this.versions[1].fromMs <= ms) this.versions.shift();
  }
}
