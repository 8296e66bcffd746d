import { type DynamicModule, Module } from '@nestjs/common';
import { Catalogue, DiskDependents, diskKinds, diskProblems, SnapshotSource } from '@strata/disks';
import { DisksInProject, DisksModule, retryAdmission } from '@strata/disks/http';
import { EventStore, People, QuotaLedger, TokenStore, ViewStore } from '@strata/event-store';
import {
  type PostgresEventStore,
  PostgresPeople,
  PostgresQuotaLedger,
  PostgresTokenStore,
  PostgresViewStore,
} from '@strata/event-store/postgres';
import { Authenticator } from '@strata/http';
import { FlowFigures, HeldOperations, KindRegistry, OperationWaits } from '@strata/operations';
import { OperationsModule } from '@strata/operations/http';
import { ProjectContents, TokenAuthenticator } from '@strata/projects';
import { BindingOffers, ProjectsModule } from '@strata/projects/http';
import { QuotasModule } from '@strata/quotas/http';
import {
  kindsWithSnapshots,
  rollbackAdmission,
  snapshotProblems,
  SnapshotsInProject,
  SnapshotsOfDisk,
  UsedSnapshots,
} from '@strata/snapshots';
import { SnapshotsModule } from '@strata/snapshots/http';
import { KeptCatalogue } from './kept-catalogue.js';
import { ScheduledHolds } from './scheduled-holds.js';
import { ScheduledWaits } from './scheduled-waits.js';
import { SharedFlow } from './shared-flow.js';

/** Each port with what stands behind it in this process. */
const plugIn = (store: PostgresEventStore) => {
  const views = new PostgresViewStore(store.pool);
  const tokens = new PostgresTokenStore(store.pool);
  const ledger = new PostgresQuotaLedger(store.pool);
  const catalogue = new KeptCatalogue(store.pool);
  const offers = new BindingOffers(store, views);
  const kinds = new KindRegistry(kindsWithSnapshots(diskKinds), { ...diskProblems, ...snapshotProblems }, [
    retryAdmission(catalogue, ledger, offers),
    rollbackAdmission(offers),
  ]);
  return [
    { provide: EventStore, useValue: store },
    { provide: QuotaLedger, useValue: ledger },
    { provide: ViewStore, useValue: views },
    { provide: TokenStore, useValue: tokens },
    { provide: People, useValue: new PostgresPeople(store.pool) },
    { provide: Authenticator, useValue: new TokenAuthenticator(tokens) },
    { provide: ProjectContents, useValue: new SnapshotsInProject(views, new DisksInProject(views)) },
    { provide: Catalogue, useValue: catalogue },
    { provide: DiskDependents, useValue: new SnapshotsOfDisk() },
    { provide: SnapshotSource, useValue: new UsedSnapshots() },
    { provide: OperationWaits, useValue: new ScheduledWaits(store.pool) },
    { provide: HeldOperations, useValue: new ScheduledHolds(store.pool) },
    { provide: FlowFigures, useValue: new SharedFlow(store.pool) },
    { provide: KindRegistry, useValue: kinds },
  ];
};

/** The features, and behind their ports PostgreSQL. */
@Module({})
export class ApiModule {
  static on(store: PostgresEventStore): DynamicModule {
    const providers = plugIn(store);
    return {
      module: ApiModule,
      global: true,
      imports: [ProjectsModule, QuotasModule, OperationsModule, DisksModule, SnapshotsModule],
      providers,
      exports: providers.map(({ provide }) => provide),
    };
  }
}
