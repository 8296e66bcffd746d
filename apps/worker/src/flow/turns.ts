import { urgencies, type Urgency } from './urgency.js';

/** Of twelve turns, when all of them wait all the time. None is ever left out. */
const shares: Readonly<Record<Urgency, number>> = { interactive: 8, bulk: 3, background: 1 };

/** Who waits for a turn, in the order in which they are to get theirs: first come, first served inside each urgency. */
export class Turns<Waiting> {
  private readonly waiting: Readonly<Record<Urgency, Waiting[]>> = { interactive: [], bulk: [], background: [] };
  private readonly credit: Record<Urgency, number> = { interactive: 0, bulk: 0, background: 0 };

  get length(): number {
    return urgencies.reduce((sum, urgency) => sum + this.waiting[urgency].length, 0);
  }

  /** Of those who wait; undefined when nobody does. */
  get mostUrgent(): Urgency | undefined {
    return urgencies.find((urgency) => this.waiting[urgency].length > 0);
  }

  add(urgency: Urgency, waiting: Waiting): void {
    this.waiting[urgency].push(waiting);
  }

  remove(urgency: Urgency, waiting: Waiting): void {
    const at = this.waiting[urgency].indexOf(waiting);
    if (at >= 0) this.waiting[urgency].splice(at, 1);
  }

  /** Whose turn it is: each urgency gains its share, and the one with the most pays for all that wait. */
  next(): Waiting | undefined {
    const asking = urgencies.filter((urgency) => this.waiting[urgency].length > 0);
    const [first] = asking;
    if (first === undefined) return undefined;
    for (const urgency of asking) this.credit[urgency] += shares[urgency];
    const chosen = asking.reduce((best, each) => (this.credit[each] > this.credit[best] ? each : best), first);
    this.credit[chosen] -= asking.reduce((sum, urgency) => sum + shares[urgency], 0);
    const served = this.waiting[chosen].shift();
    // Who does not wait gathers no credit for later.
    if (this.waiting[chosen].length === 0) this.credit[chosen] = 0;
    return served;
  }
}
