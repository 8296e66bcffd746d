import { PostgresEventStore, PostgresQuotaLedger } from '@strata/event-store/postgres';
import type { Caller } from '@strata/http';
import { charge, ProjectId, type BindingId, type Fact, type StreamId } from '@strata/kernel';
import { startTestPostgres, type TestPostgres } from '@strata/testing';
import { v7 as newId } from 'uuid';
import { createProject } from '../create-project/create-project.js';
import type { CommandPorts, Plan, Planned, WriteCall } from '../index.js';

export const callerWith = (...grants: readonly [ProjectId, 'viewer' | 'operator' | 'admin'][]): Caller => ({
  actorId: newId(),
  kind: 'service-token',
  tokenId: newId(),
  grants: grants.map(([projectId, role]) => ({ projectId, role })),
  platformRoles: [],
});
export const platformAdmin: Caller = { ...callerWith(), platformRoles: ['platform-admin'] };

export const callOf = (caller: Caller, others: Partial<WriteCall> = {}): WriteCall => ({
  caller,
  requestId: 'request-1',
  fingerprint: 'f1',
  validateOnly: false,
  ...others,
});

export const newStream = (): StreamId => `disk-${newId()}`;

/** An event of no feature; it may hold disks. */
export const noted = (n = 1, disks = 0): Fact<string, object> => ({
  type: 'Noted',
  schemaVersion: 1,
  data: { n },
  charges: disks === 0 ? [] : [charge.hold('disks', disks)],
});

/** A log with a root and a project below it, to which commands are put without HTTP. */
export class LogOfProjects {
  private constructor(
    private readonly postgres: TestPostgres,
    readonly store: PostgresEventStore,
    readonly ports: CommandPorts,
    readonly root: ProjectId,
    readonly project: ProjectId,
  ) {}

  static async start(): Promise<LogOfProjects> {
    const postgres = await startTestPostgres();
    const { api } = await postgres.createDatabase();
    const store = new PostgresEventStore({ url: api });
    const ports = { store, ledger: new PostgresQuotaLedger(store.pool) };
    const root = await newProject(ports, 'root');
    const project = await newProject(ports, 'project', root);
    return new LogOfProjects(postgres, store, ports, root, project);
  }

  async stop(): Promise<void> {
    await this.store.close();
    await this.postgres.stop();
  }

  newProject(name: string, parentId?: ProjectId, bindingId?: BindingId): Promise<ProjectId> {
    return newProject(this.ports, name, parentId, bindingId);
  }

  /** Notes something on a stream of the project. */
  note(stream: StreamId, others: Partial<Plan> = {}): Plan {
    return {
      role: 'operator',
      projectId: this.project,
      streams: [stream],
      decide: ({ streams: [loaded] }) => this.accept(stream, loaded?.version ?? 0, noted()),
      ...others,
    };
  }

  accept(stream: StreamId, version: number, ...events: Fact<string, object>[]): Planned<never> {
    return {
      accepted: true,
      streams: [{ stream, projectId: this.project, expectedVersion: version, events }],
      answer: { stream },
    };
  }
}

const newProject = async (
  ports: CommandPorts,
  name: string,
  parentId?: ProjectId,
  bindingId?: BindingId,
): Promise<ProjectId> => {
  const executed = await createProject(ports, callOf(platformAdmin), { name, parentId, bindingId });
  if (executed.status !== 'done') throw new Error(JSON.stringify(executed));
  return ProjectId.parse(executed.answer['projectId']);
};
