import { Injectable } from '@nestjs/common';
import { QuotaLedger } from '@strata/event-store';
import type { ProjectId } from '@strata/kernel';

/**
 * `per_disk_gigabytes`: a bound on one disk, the least on the path from the project to the cloud. It is never charged, so that
 * the lane does not watch it; it is read for each command that it concerns.
 */
@Injectable()
export class SizeBounds {
  constructor(private readonly ledger: QuotaLedger) {}

  /** In GiB; infinite where there is none. */
  async of(projectId: ProjectId): Promise<number> {
    const least = await this.ledger.leastLimit(projectId, 'per_disk_gigabytes');
    return least === 'unlimited' ? Infinity : least;
  }
}
