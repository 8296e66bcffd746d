import { Injectable } from '@nestjs/common';
import { QuotaLedger } from '@strata/event-store';
import type { BindingId, ProjectId } from '@strata/kernel';
import type { OverBound } from '@strata/projects';
import type { DiskSpec } from '../disk/index.js';
import { placementRefusal, typeRefusal, type Placement, type PlacementRefusal, type TypeRefusal } from './admission.js';
import { CloudOffers } from './cloud-offers.js';
import { imageRefusal, type ImageRefusal } from './image-admission.js';
import { boundPassedBy } from './size-bound.js';

export type NewDiskRefusal = PlacementRefusal | ImageRefusal;

/** What can be known before the cloud is asked, beyond what a schema tells. */
@Injectable()
export class Admission {
  constructor(
    private readonly offers: CloudOffers,
    private readonly ledger: QuotaLedger,
  ) {}

  /** Whatever stands against a new disk: its place, the image that it is made of, its size. */
  async newDisk(
    projectId: ProjectId,
    bindingId: BindingId,
    wanted: Placement & Pick<DiskSpec, 'sizeGiB' | 'shareable' | 'source'>,
  ): Promise<NewDiskRefusal | OverBound | undefined> {
    const offer = await this.offers.of(bindingId);
    return placementRefusal(offer, wanted) ?? imageRefusal(offer, wanted) ?? this.size(projectId, wanted.sizeGiB);
  }

  /** Of a disk that lies in its zone already. */
  async type(bindingId: BindingId, placement: Placement): Promise<TypeRefusal | undefined> {
    return typeRefusal(await this.offers.of(bindingId), placement);
  }

  size(projectId: ProjectId, requestedGiB: number): Promise<OverBound | undefined> {
    return boundPassedBy(this.ledger, requestedGiB, projectId);
  }
}
