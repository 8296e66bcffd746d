import type { Sight, Slot } from './slot.js';

/** The resources of one kind in one project in the order of their creation, with as much of their past as a stale list can show. */
export class Timeline<Resource extends object> {
  /** Oldest first; the places of what was deleted stay until nobody can look back to them. */
  private slots: Slot<Resource>[] = [];
  private live = 0;
  private forgotten = 0;

  /** How many there are now. */
  get size(): number {
    return this.live;
  }

  /** Most are the newest; one that comes from another project has its place among the older ones. */
  enter(slot: Slot<Resource>): void {
    this.slots.splice(this.firstIndexNotBefore(slot.seq), 0, slot);
  }

  replaced(before: Resource | null, after: Resource | null): void {
    this.live += (after ? 1 : 0) - (before ? 1 : 0);
  }

  /** Newest first, from those before `seq` on; as they are, or as a list sees them. */
  *newestFirst(beforeSeq = Infinity, sight: Sight | null = null): Generator<Resource> {
    for (let index = this.firstIndexNotBefore(beforeSeq) - 1; index >= 0; index -= 1) {
      const slot = this.slots[index];
      const resource = slot?.seen(sight);
      if (resource) yield resource;
    }
  }

  /** Something deleted has passed out of sight of every stale list. */
  noteForgotten(): void {
    this.forgotten += 1;
    if (this.forgotten * 2 <= this.slots.length) return;
    this.slots = this.slots.filter((slot) => !slot.forgotten);
    this.forgotten = 0;
  }

  private firstIndexNotBefore(seq: number): number {
    let low = 0;
    let high = this.slots.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.slots[middle]?.seq ?? Infinity) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
