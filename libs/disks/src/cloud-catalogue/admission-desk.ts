import { Injectable } from '@nestjs/common';
import type { BindingId, ProjectId } from '@strata/kernel';
import { placementRefusal, type Placement, type PlacementRefusal } from './admission.js';
import { CloudOffers } from './cloud-catalogue.js';
import { SizeBounds } from './size-bound.js';

export interface TooLarge {
  readonly type: 'disk-too-large';
  readonly requestedGiB: number;
  readonly largestGiB: number;
}

/** What can be known before the cloud is asked, beyond what a schema tells. */
@Injectable()
export class Admission {
  constructor(
    private readonly offers: CloudOffers,
    private readonly bounds: SizeBounds,
  ) {}

  async placement(bindingId: BindingId, placement: Placement): Promise<PlacementRefusal | undefined> {
    return placementRefusal(await this.offers.of(bindingId), placement);
  }

  async size(projectId: ProjectId, requestedGiB: number): Promise<TooLarge | undefined> {
    const largestGiB = await this.bounds.of(projectId);
    return requestedGiB > largestGiB ? { type: 'disk-too-large', requestedGiB, largestGiB } : undefined;
  }
}
