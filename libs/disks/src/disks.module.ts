import { Module } from '@nestjs/common';
import { OperationsModule } from '@strata/operations/http';
import { BindingOffers, CloudKinds, Lists } from '@strata/projects/http';
import { AcceptTransferController } from './accept-transfer/accept-transfer.http.js';
import { AdoptFindingController } from './adopt-disk/adopt-finding.http.js';
import { AttachDiskController } from './attach-disk/attach-disk.http.js';
import { ChangeDiskController } from './change-disk/change-disk.http.js';
import { Admission } from './cloud-catalogue/admission-desk.js';
import { CloudCatalogueController } from './cloud-catalogue/cloud-catalogue.http.js';
import { CloudOffers } from './cloud-catalogue/cloud-offers.js';
import { DeleteDiskController } from './delete-disk/delete-disk.http.js';
import { DetachDiskController } from './detach-disk/detach-disk.http.js';
import { DisksController } from './disk-list/disks.http.js';
import { ExtendDiskController } from './extend-disk/extend-disk.http.js';
import { FindingsController } from './findings/findings.http.js';
import { IgnoreFindingController } from './findings/ignore-finding.http.js';
import { LockDeletionController } from './lock-deletion/lock-deletion.http.js';
import { OfferDiskController } from './offer-disk/offer-disk.http.js';
import { ImageDiskController } from './image-disk/image-disk.http.js';
import { ImportDisksController } from './import-disks/import-disks.http.js';
import { RefreshDiskController } from './refresh-disk/refresh-disk.http.js';
import { RecreateDiskController } from './recreate-disk/recreate-disk.http.js';
import { RemoveStrangerController } from './remove-stranger/remove-stranger.http.js';
import { RepairFindingController } from './repair-finding/repair-finding.http.js';
import { RetypeDiskController } from './retype-disk/retype-disk.http.js';
import { TendBindingController } from './tend-binding/tend-binding.http.js';
import { UndeleteDiskController } from './undelete-disk/undelete-disk.http.js';
import { RequestDisksController } from './request-disk/request-disks.http.js';
import { TransfersController } from './transfers/transfers.http.js';
import { WithdrawTransferController } from './withdraw-transfer/withdraw-transfer.http.js';

/** Needs from the app, globally: EventStore, QuotaLedger, ViewStore, TokenStore, Cursors, Catalogue, DiskDependents, SnapshotSource, and what OperationsModule needs. */
@Module({
  imports: [OperationsModule],
  controllers: [
    DisksController,
    RequestDisksController,
    ChangeDiskController,
    DeleteDiskController,
    UndeleteDiskController,
    LockDeletionController,
    ExtendDiskController,
    RetypeDiskController,
    AttachDiskController,
    DetachDiskController,
    ImageDiskController,
    RefreshDiskController,
    OfferDiskController,
    TransfersController,
    WithdrawTransferController,
    AcceptTransferController,
    RecreateDiskController,
    CloudCatalogueController,
    TendBindingController,
    FindingsController,
    IgnoreFindingController,
    RemoveStrangerController,
    AdoptFindingController,
    RepairFindingController,
    ImportDisksController,
  ],
  providers: [Lists, BindingOffers, CloudKinds, Admission, CloudOffers],
})
export class DisksModule {}
