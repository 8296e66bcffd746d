import { Module } from '@nestjs/common';
import { OperationsModule } from '@strata/operations/http';
import { BindingOffers, Lists } from '@strata/projects/http';
import { ChangeSnapshotController } from './change-snapshot/change-snapshot.http.js';
import { DeleteSnapshotController } from './delete-snapshot/delete-snapshot.http.js';
import { RequestSnapshotController } from './request-snapshot/request-snapshot.http.js';
import { RollBackSnapshotController } from './roll-back-snapshot/roll-back-snapshot.http.js';
import { SnapshotsController } from './snapshot-list/snapshots.http.js';

/** Needs from the app, globally: EventStore, QuotaLedger, ViewStore, Cursors, and what OperationsModule needs. */
@Module({
  imports: [OperationsModule],
  controllers: [
    SnapshotsController,
    RequestSnapshotController,
    ChangeSnapshotController,
    DeleteSnapshotController,
    RollBackSnapshotController,
  ],
  providers: [Lists, BindingOffers],
})
export class SnapshotsModule {}
