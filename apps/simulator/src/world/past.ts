/** A place with a past to forget, and where it is to be struck from once nothing is left. */
interface Past {
  readonly slot: { readonly id: string; readonly forgotten: boolean; forgetBefore(ms: number): void };
  readonly slots: Map<string, unknown>;
  readonly timeline: { noteForgotten(): void };
  readonly endedMs: number;
}

/** What a stale list may still show, in the order of the times at which it ended. */
export class PastToForget {
  private entries: Past[] = [];
  private read = 0;

  add(past: Past): void {
    this.entries.push(past);
  }

  before(ms: number): void {
    for (let next = this.entries[this.read]; next && next.endedMs <= ms; next = this.entries[this.read]) {
      this.read += 1;
      forget(next, ms);
    }
    if (this.read * 2 > this.entries.length) {
      this.entries = this.entries.slice(this.read);
      this.read = 0;
    }
  }

  clear(): void {
    this.entries = [];
    this.read = 0;
  }
}

/** A disk that went to another project has its place there: only the one that it left is forgotten. */
const forget = ({ slot, slots, timeline }: Past, ms: number): void => {
  slot.forgetBefore(ms);
  if (!slot.forgotten) return;
  const named = slots.get(slot.id);
  if (named === slot) slots.delete(slot.id);
  timeline.noteForgotten();
};
