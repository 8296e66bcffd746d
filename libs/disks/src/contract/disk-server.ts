import { Global, Module } from '@nestjs/common';
import { EventStore, everything, QuotaLedger, TokenStore, ViewStore } from '@strata/event-store';
import { PostgresTokenStore, type PostgresEventStore } from '@strata/event-store/postgres';
import type { ProblemKinds } from '@strata/http';
import type { BindingId, StreamId } from '@strata/kernel';
import {
  cataloguesOfOperations,
  cloudFailed,
  gather,
  historyOf,
  KindRegistry,
  OperationCase,
  operationProblems,
  FlowFigures,
  HeldOperations,
  OperationWaits,
  WORKER_ACTOR,
  viewsOfOperations,
  type Ending,
  type Flow,
  type Hold,
  type KindRules,
  type OperationCommand,
  type OperationWait,
  type RetryAdmission,
  type WaitingFor,
} from '@strata/operations';
import { executeFact } from '@strata/projects';
import { BindingOffers } from '@strata/projects/http';
import { TestServer, type CallOptions, type Reply, type TestFeatures } from '@strata/projects/contract';
import { QuotasModule } from '@strata/quotas/http';
import { DisksModule, retryAdmission } from '../http.js';
import {
  cataloguesOfDisks,
  Catalogue,
  DiskDependents,
  diskFact,
  diskOf,
  diskStream,
  diskKinds,
  diskProblems,
  findingProblems,
  SnapshotSource,
  transferProblems,
  viewsOfDisks,
  type CatalogueItems,
  type DiskSighting,
  type SnapshotTaken,
} from '../index.js';

export type Headers = Readonly<Record<string, string>>;
export type Item = Readonly<Record<string, unknown>>;

/** What a test says the cloud of a binding offers. */
class NamedCatalogue extends Catalogue {
  readonly of = new Map<BindingId, readonly CatalogueItems[]>();
  latest(bindingId: BindingId): Promise<readonly CatalogueItems[]> {
    return Promise.resolve(this.of.get(bindingId) ?? []);
  }
}

/** What a test says operations wait for. */
class NamedWaits extends OperationWaits {
  readonly of = new Map<string, WaitingFor>();
  readonly holds = new Map<string, Hold>();
  waiting(operationIds: readonly string[]): Promise<ReadonlyMap<string, OperationWait>> {
    const known = operationIds.filter((id) => this.of.has(id));
    return Promise.resolve(
      new Map(known.map((id) => [id, { waitingFor: this.of.get(id) ?? null, hold: this.holds.get(id) }])),
    );
  }
}

/** Nothing is scheduled here, so that pauses hold nothing. */
class NothingHeld extends HeldOperations {
  count(): Promise<ReadonlyMap<string, number>> {
    return Promise.resolve(new Map());
  }
  of(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }
}

/** Of a server without that feature: nobody knows any. */
class NoSnapshots extends SnapshotSource {
  streamOf(snapshotId: string): StreamId {
    return `snapshot-${snapshotId}`;
  }
  use(): SnapshotTaken {
    return { accepted: false, refusal: { type: 'not-found' } };
  }
}

/** No worker runs here, so that nothing flows. */
class NothingFlows extends FlowFigures {
  of(): Promise<Flow> {
    return Promise.resolve({ budgets: new Map(), circuits: new Map(), waiting: {}, underWay: 0, pauses: [] });
  }
}

/** What a feature after this one adds. */
export interface LaterFeature extends TestFeatures {
  readonly snapshots?: SnapshotSource;
  readonly kinds?: (disks: readonly KindRules[]) => readonly KindRules[];
  readonly dependents?: DiskDependents;
  readonly admissions?: readonly ((offers: BindingOffers) => RetryAdmission)[];
}

/** Of a server without a feature that keeps anything beside a disk. */
class NoDependents extends DiskDependents {
  override streamOf = (): never => this.none();
  override deletionOf = (): never => this.none();

  private none(): never {
    throw new Error('nothing lives beside a disk here');
  }
}

/** Disks and operations behind real HTTP on a PostgreSQL of their own; what a worker would report, the test reports. */
export class DiskServer {
  private constructor(
    readonly server: TestServer,
    readonly catalogue: NamedCatalogue,
    readonly waits: NamedWaits,
    private readonly kinds: KindRegistry,
  ) {}

  static async start(later: LaterFeature = {}): Promise<DiskServer> {
    const catalogue = new NamedCatalogue();
    const waits = new NamedWaits();
    const tokens = (store: EventStore) => new PostgresTokenStore((store as PostgresEventStore).pool);
    const rules = later.kinds?.(diskKinds) ?? diskKinds;
    const problems = Object.assign({}, diskProblems, ...(later.problems ?? [])) as ProblemKinds;
    const registry = (ledger: QuotaLedger, store: EventStore, views: ViewStore) => {
      const offers = new BindingOffers(store, views);
      const admissions = [
        retryAdmission(catalogue, ledger, offers),
        ...(later.admissions ?? []).map((of) => of(offers)),
      ];
      return new KindRegistry(rules, problems, admissions);
    };
    @Global()
    @Module({
      providers: [
        { provide: Catalogue, useValue: catalogue },
        { provide: DiskDependents, useValue: later.dependents ?? new NoDependents() },
        { provide: SnapshotSource, useValue: later.snapshots ?? new NoSnapshots() },
        { provide: OperationWaits, useValue: waits },
        { provide: HeldOperations, useClass: NothingHeld },
        { provide: FlowFigures, useClass: NothingFlows },
        { provide: KindRegistry, useFactory: registry, inject: [QuotaLedger, EventStore, ViewStore] },
        { provide: TokenStore, useFactory: tokens, inject: [EventStore] },
      ],
      exports: [
        ...[Catalogue, DiskDependents, SnapshotSource, OperationWaits, HeldOperations, FlowFigures],
        ...[KindRegistry, TokenStore],
      ],
    })
    class Ports {}
    const server = await TestServer.start({
      modules: [Ports, QuotasModule, DisksModule, ...(later.modules ?? [])],
      catalogues: [...cataloguesOfOperations, ...cataloguesOfDisks, ...(later.catalogues ?? [])],
      projections: [...viewsOfOperations, ...viewsOfDisks, ...(later.projections ?? [])],
      problems: [operationProblems, diskProblems, findingProblems, transferProblems, ...(later.problems ?? [])],
    });
    return new DiskServer(server, catalogue, waits, new KindRegistry(rules, problems));
  }

  call(method: string, path: string, options: CallOptions & { readonly token?: string } = {}): Promise<Reply> {
    return this.server.call(options.token ?? this.server.tokens.alpha, method, path, options);
  }

  /** As whoever holds the token. */
  as(token: string, method: string, path: string, body?: unknown, headers: Headers = {}): Promise<Reply> {
    return this.call(method, path, { token, headers, ...(body !== undefined && { body }) });
  }

  /** The items of a list that has seen all that was written until now. */
  async listed(token: string, path: string): Promise<readonly Item[]> {
    const { position, incarnation } = await this.server.store.head();
    const reply = await this.as(token, 'GET', path, undefined, { 'strata-min-position': `${incarnation}.${position}` });
    if (reply.status !== 200) throw new Error(reply.text);
    return reply.body['items'] as readonly Item[];
  }

  /** Reports of a worker, one after the other. */
  async report(operationId: string, ...commands: readonly OperationCommand[]): Promise<void> {
    const theCase = await this.open(operationId);
    for (const command of commands) await theCase.report(command);
  }

  /** The worker sends, the cloud takes it. */
  async accept(operationId: string, jobId = 'job-1'): Promise<void> {
    const sent = { attempt: 1, marker: `${operationId}.1` };
    await this.report(
      operationId,
      { type: 'IntendSend', ...sent, sendWithinMs: 10_000, provenUnsent: false },
      {
        type: 'RecordAccepted',
        data: { attempt: 1, jobId, cloudId: null, cloudRequestId: 'request-1', via: 'answer' },
      },
    );
  }

  async end(operationId: string, ending: Ending): Promise<void> {
    await (await this.open(operationId)).end(ending);
  }

  /** The parts of a batch have ended: it is told so. */
  async gather(operationId: string): Promise<void> {
    await gather(this.server.store, await this.open(operationId));
  }

  /** A disk that the cloud has made. */
  async provision(operationId: string, cloudId: string): Promise<void> {
    await this.accept(operationId);
    await this.end(operationId, { end: 'succeeded', outcome: { cloudId } });
  }

  /** The cloud took it, and nothing came of it. */
  async fail(operationId: string): Promise<void> {
    await this.accept(operationId);
    const error = cloudFailed({ code: 'EVS.2024', message: 'no host', requestId: null });
    await this.end(operationId, { end: 'failed', error, left: {} });
  }

  /** What a sweep sees of a disk that lies in the cloud. */
  async observe(diskId: string, change: Partial<DiskSighting>): Promise<void> {
    const { store } = this.server;
    await executeFact(store, {
      streams: [diskStream(diskId)],
      meta: { actorId: WORKER_ACTOR },
      decide: ({ streams: [loaded] }) => {
        const disk = loaded && diskOf(loaded);
        if (!loaded || disk?.life !== 'in-cloud') throw new Error(`no disk ${diskId} in the cloud`);
        const {
          cloudId,
          condition: status,
          cloudStatus,
          name,
          description,
          sizeGiB,
          type,
          tags,
          metadata,
          traits,
        } = disk;
        const known = { cloudId, status, cloudStatus, name, description, sizeGiB, type, tags, metadata, ...traits };
        const sighting = { ...known, ...change };
        return { streams: diskFact(loaded, { type: 'RecordSeen', operationId: null, sighting }) };
      },
    });
  }

  async limit(projectId: string, limits: readonly { dimension: string; limit: number }[]): Promise<void> {
    const path = `/v1/projects/${projectId}/quota/limits`;
    const { status, text } = await this.server.call(this.server.tokens.platformAdmin, 'PUT', path, {
      body: { limits },
    });
    if (status !== 200) throw new Error(text);
  }

  close(): Promise<void> {
    return this.server.close();
  }

  private async open(operationId: string): Promise<OperationCase> {
    const { store } = this.server;
    const rulesOf = (kind: string) => this.kinds.rulesOf(kind);
    const { streams } = await store.load({ sight: everything, streams: [`operation-${operationId}`] });
    const known = streams[0] && historyOf(streams[0]).operation;
    if (!known || known.status === 'absent') throw new Error(`no operation ${operationId}`);
    const opened = await OperationCase.open(store, rulesOf, operationId, rulesOf(known.kind).streams(known));
    if (!opened) throw new Error(`operation ${operationId} is gone`);
    return opened;
  }
}
