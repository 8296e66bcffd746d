import { randomBytes } from 'node:crypto';
import { Module, type Type } from '@nestjs/common';
import {
  amongAll,
  EventStore,
  EventTypes,
  LaneUnavailable,
  People,
  QuotaLedger,
  ViewStore,
  type EventCatalogue,
  type Projection,
} from '@strata/event-store';
import {
  FollowerRunner,
  PostgresEventStore,
  PostgresPeople,
  PostgresQuotaLedger,
  PostgresTokenStore,
  PostgresViewStore,
  readPool,
  rebuildView,
  type Rebuilt,
} from '@strata/event-store/postgres';
import { Authenticator, problem, type ProblemKinds } from '@strata/http';
import { startHttp, type HttpApp } from '@strata/http/nest';
import type { ProjectId } from '@strata/kernel';
import { startTestPostgres } from '@strata/testing';
import { pino } from 'pino';
import { ProjectsModule } from '../http.js';
import {
  cataloguesOfProjects,
  commandProblems,
  issueSeedTokens,
  ProjectContents,
  projectProblems,
  seed,
  TokenAuthenticator,
  viewsOfProjects,
  type Blocker,
  type Seeded,
  type SeedTokens,
} from '../index.js';

export interface TestFeatures {
  readonly modules?: readonly Type[];
  readonly catalogues?: readonly EventCatalogue[];
  readonly projections?: readonly Projection[];
  readonly problems?: readonly ProblemKinds[];
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a test says lies in a project. */
class NamedContents extends ProjectContents {
  readonly of = new Map<ProjectId, readonly Blocker[]>();
  blockers(projectId: ProjectId): Promise<readonly Blocker[]> {
    return Promise.resolve(this.of.get(projectId) ?? []);
  }
}

const simulator = {
  region: 'eu-de',
  endpoints: {
    iam: 'http://127.0.0.1:7071/iam',
    evs: 'http://127.0.0.1:7071/evs',
    ecs: 'http://127.0.0.1:7071/ecs',
  },
  cloudProjectId: 'simulated',
  credentials: { ref: 'simulator' },
};

/**
 * Features behind real HTTP, on a PostgreSQL of their own with the roles of production, the views followed, seeded as embedded
 * mode is. Nothing behind it is a stand-in but what lies in a project, which later features tell, and the clock of tokens.
 */
export class TestServer {
  private constructor(
    readonly store: PostgresEventStore,
    readonly ledger: QuotaLedger,
    readonly people: People,
    readonly contents: NamedContents,
    readonly seeded: Seeded,
    readonly tokens: SeedTokens,
    private readonly http: HttpApp,
    private readonly clock: { aheadMs: number },
    /** As the worker's role, which writes the views. */
    readonly worker: ReturnType<typeof readPool>,
    private readonly rebuildOf: (view: Projection) => Promise<Rebuilt>,
    private readonly stop: () => Promise<void>,
  ) {}

  static async start(features: TestFeatures = {}): Promise<TestServer> {
    const postgres = await startTestPostgres();
    const { api, worker } = await postgres.createDatabase();
    const types = new EventTypes([...cataloguesOfProjects, ...(features.catalogues ?? [])]);
    const store = new PostgresEventStore({ url: api, types });
    const [ledger, people] = [new PostgresQuotaLedger(store.pool), new PostgresPeople(store.pool)];
    const workerPool = readPool(worker, 4, 10_000);
    const projections = [...viewsOfProjects, ...(features.projections ?? [])].map((view) => amongAll(view, types));
    const runner = new FollowerRunner({ pool: workerPool, store, types, projections });
    await runner.start();
    const seeded = await seed({ store, ledger, people }, simulator);
    const tokens = await issueSeedTokens({ store, ledger, people }, seeded);
    const contents = new NamedContents();
    const clock = { aheadMs: 0 };
    const authenticator = new TokenAuthenticator(new PostgresTokenStore(store.pool), () => Date.now() + clock.aheadMs);
    const { incarnation } = await store.head();
    const providers = [
      { provide: EventStore, useValue: store },
      { provide: QuotaLedger, useValue: ledger },
      { provide: ViewStore, useValue: new PostgresViewStore(store.pool) },
      { provide: People, useValue: people },
      { provide: ProjectContents, useValue: contents },
      { provide: Authenticator, useValue: authenticator },
    ];
    const http = await startHttp(
      {
        module: Features,
        global: true,
        imports: [ProjectsModule, ...(features.modules ?? [])],
        providers,
        exports: providers.map(({ provide }) => provide),
      },
      {
        title: 'Strata',
        version: 'test',
        logger: pino({ level: 'silent' }),
        problems: [commandProblems, projectProblems, ...(features.problems ?? [])],
        cursorKey: randomBytes(32),
        incarnation: () => incarnation,
        healthChecks: [],
        checkAnswers: true,
        knownFaults: (fault) =>
          fault instanceof LaneUnavailable
            ? problem('unavailable', { reason: fault.message, retryAfterSeconds: fault.retryAfterSeconds })
            : undefined,
      },
      { host: '127.0.0.1', port: 0 },
    );
    const stop = async () => {
      await http.close();
      await runner.stop();
      await workerPool.end();
      await store.close();
      await postgres.stop();
    };
    const rebuild = (view: Projection) => rebuildView({ pool: workerPool, types, projection: amongAll(view, types) });
    return new TestServer(store, ledger, people, contents, seeded, tokens, http, clock, workerPool, rebuild, stop);
  }

  get url(): string {
    return this.http.url;
  }

  async call(token: string | undefined, method: string, path: string, options: CallOptions = {}): Promise<Reply> {
    const response = await fetch(this.http.url + path, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(options.body !== undefined && { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
    });
    const text = await response.text();
    const body = text === '' ? {} : (JSON.parse(text) as Reply['body']);
    return { status: response.status, headers: response.headers, body, text };
  }

  /** For the validity and the cached knowledge of tokens. */
  advance(ms: number): void {
    this.clock.aheadMs += ms;
  }

  /** A second generation of a view from the whole log, compared with the live one. */
  rebuild(view: Projection): Promise<Rebuilt> {
    return this.rebuildOf(view);
  }

  close(): Promise<void> {
    return this.stop();
  }
}

@Module({})
class Features {}
