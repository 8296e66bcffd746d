interface Due<T> {
  readonly atMs: number;
  readonly item: T;
}

/** What comes due next, first: a binary heap, as jobs do not end in the order in which they began. */
export class DueHeap<T> {
  private readonly heap: Due<T>[] = [];

  push(atMs: number, item: T): void {
    const { heap } = this;
    heap.push({ atMs, item });
    let child = heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.precedes(child, parent)) return;
      this.swap(child, parent);
      child = parent;
    }
  }

  /** Takes the first item that is due at `nowMs`. */
  pop(nowMs: number): Due<T> | undefined {
    const { heap } = this;
    const first = heap[0];
    if (first === undefined || first.atMs > nowMs) return undefined;
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) {
      heap[0] = last;
      this.sink();
    }
    return first;
  }

  clear(): void {
    this.heap.length = 0;
  }

  private sink(): void {
    let parent = 0;
    for (;;) {
      const left = 2 * parent + 1;
      const smaller = this.precedes(left + 1, left) ? left + 1 : left;
      if (!this.precedes(smaller, parent)) return;
      this.swap(smaller, parent);
      parent = smaller;
    }
  }

  private precedes(left: number, right: number): boolean {
    const a = this.heap[left];
    const b = this.heap[right];
    return a !== undefined && b !== undefined && a.atMs < b.atMs;
  }

  private swap(left: number, right: number): void {
    const a = this.heap[left];
    const b = this.heap[right];
    if (a === undefined || b === undefined) return;
    this.heap[left] = b;
    this.heap[right] = a;
  }
}
