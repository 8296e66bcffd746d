import { Injectable } from '@nestjs/common';
import { QuotaLedger } from '@strata/event-store';
import type { ProjectId } from '@strata/kernel';

const believedForMs = 5_000;
const mostKnown = 10_000;

/**
 * `per_disk_gigabytes`: a bound on one disk, the least on the path from the project to the cloud. It is never charged, so that
 * the lane does not watch it; it is read here and believed for some seconds.
 */
@Injectable()
export class SizeBounds {
  readonly #known = new Map<ProjectId, { readonly bound: Promise<number>; readonly readAt: number }>();

  constructor(private readonly ledger: QuotaLedger) {}

  /** In GiB; infinite where there is none. */
  of(projectId: ProjectId): Promise<number> {
    const known = this.#known.get(projectId);
    if (known && performance.now() - known.readAt < believedForMs) return known.bound;
    const bound = this.#read(projectId);
    this.#known.delete(projectId);
    this.#known.set(projectId, { bound, readAt: performance.now() });
    bound.catch(() => this.#known.delete(projectId));
    const [oldest] = this.#known.keys();
    if (this.#known.size > mostKnown && oldest !== undefined) this.#known.delete(oldest);
    return bound;
  }

  async #read(projectId: ProjectId): Promise<number> {
    const least = await this.ledger.leastLimit(projectId, 'per_disk_gigabytes');
    return least === 'unlimited' ? Infinity : least;
  }
}
