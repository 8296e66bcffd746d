/** The place of one resource: what it is, and what it was for as long as a stale list may still show it. Null: gone. */
export class Slot<Resource extends object> {
  private readonly versions: { readonly fromMs: number; readonly resource: Resource | null }[] = [];

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
    this.versions.push({ fromMs, resource });
  }

  /** The resource as it was at a time; null where it was not there yet, or no longer. */
  asOf(ms: number): Resource | null {
    return this.versions.findLast(({ fromMs }) => fromMs <= ms)?.resource ?? null;
  }

  /** Drops what no look at `ms` or later can see. */
  forgetBefore(ms: number): void {
    while (this.versions[1] !== undefined && this.versions[1].fromMs <= ms) this.versions.shift();
  }
}
