import type { CloudDisk, DiskCloud } from '@strata/cloud';
import { EvsDiskCloud } from '@strata/cloud/evs';
import { decideDisk, diskOf, diskStream, type Disk, type DiskCommand, type DiskSpec } from '@strata/disks';
import { everything, type LoadedStream, type StreamAppend } from '@strata/event-store';
import { type PostgresEventStore, PostgresQuotaLedger } from '@strata/event-store/postgres';
import { BindingId, DiskId, OperationId, ProjectId, type JsonObject, type StreamId } from '@strata/kernel';
import { historyOf, operationEvent, runStep, scheduleChangesOf, type After, type StepPorts } from '@strata/operations';
import { startSimulator, type FaultSpec, type Simulator } from '@strata/simulator';
import type { TestPostgres } from '@strata/testing';
import { v7 as newId } from 'uuid';
import { expect } from 'vitest';
import { patientWork } from './patient-work.js';
import { kinds, portsOver } from './ports-over.js';
import { WorkLog } from './work-log.js';

export const cloudProjectId = '0123456789abcdef0123456789abcdef';

/** What disks are asked for as. */
export const spec = {
  name: 'ledger',
  description: '',
  sizeGiB: 20,
  type: 'SSD',
  availabilityZone: 'eu-de-01',
  tags: {},
  metadata: {},
};

type Appended = Partial<Parameters<PostgresEventStore['append']>[0]>;

/** A project with a binding, and the simulator as its cloud; operations are carried out step by step. */
export class WorkUnderTest {
  readonly projectId = ProjectId.parse(newId());
  readonly bindingId = BindingId.parse(newId());
  readonly cloud: EvsDiskCloud;
  /** A write may never be answered. */
  private hangs = false;

  private constructor(
    readonly simulator: Simulator,
    private readonly log: WorkLog,
    private readonly isLogOwn: boolean,
  ) {
    this.cloud = new EvsDiskCloud(this.access());
  }

  /** In a log of its own. */
  static async start(postgres: TestPostgres): Promise<WorkUnderTest> {
    return WorkUnderTest.in(await WorkLog.open(postgres), true);
  }

  /** In a log that others have used before it. */
  static on(log: WorkLog): Promise<WorkUnderTest> {
    return WorkUnderTest.in(log, false);
  }

  private static async in(log: WorkLog, isLogOwn: boolean): Promise<WorkUnderTest> {
    const work = new WorkUnderTest(await startSimulator({ port: 0, jobMs: 0 }), log, isLogOwn);
    const { projectId, bindingId } = work;
    await work.append({ changes: [{ change: 'binding-added', bindingId }] });
    await work.append({ changes: [{ change: 'project-added', projectId, parentId: null, bindingId, name: 'alpha' }] });
    return work;
  }

  async stop(): Promise<void> {
    await Promise.all([this.cloud.close(), this.simulator.close(), this.isLogOwn && this.log.close()]);
  }

  get store(): PostgresEventStore {
    return this.log.store;
  }

  /** As the worker's role. */
  get databaseUrl(): string {
    return this.log.databaseUrl;
  }

  access() {
    return {
      kind: 'evs' as const,
      region: 'eu-de',
      endpoints: {
        iam: this.simulator.url,
        evs: this.simulator.url,
        ecs: `${this.simulator.url}/ecs`,
        ims: `${this.simulator.url}/ims`,
      },
      cloudProjectId,
      credentials: { domain: 'strata-simulator', user: 'strata', password: 'strata-simulator' },
    };
  }

  async append(what: Appended): Promise<void> {
    const { projectId } = this;
    const note = { stream: `project-${newId()}` as const, projectId, expectedVersion: 0, events: [renamed] };
    const verdict = await this.store.append({
      appendId: newId(),
      mode: 'command',
      streams: what.changes ? [{ ...note, projectId: this.ownerOf(what) }] : [],
      meta: { actorId: newId() },
      ...what,
    });
    expect(verdict.status).toBe('committed');
  }

  async faults(...active: FaultSpec[]): Promise<void> {
    this.hangs = active.some(({ kind }) => kind === 'hang');
    await this.simulate('faults', { faults: active });
  }

  /** Makes a server that runs, and answers with its id. */
  async server(of: { readonly projectId: string; readonly availabilityZone: string }): Promise<string> {
    return String((await this.simulate('servers', of))['id']);
  }

  simulate(what: string, body: object): Promise<JsonObject> {
    return this.change('POST', what, body);
  }

  /** By a switch of the simulator: as somebody else would who works in the same cloud project. */
  async change(method: 'POST' | 'PATCH' | 'PUT' | 'DELETE', what: string, body?: object): Promise<JsonObject> {
    const answer = await fetch(`${this.simulator.url}/_simulator/${what}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    expect(answer.ok).toBe(true);
    return (await answer.json()) as JsonObject;
  }

  /** A disk that somebody else made in the same cloud project; its id. */
  async strangersDisk(metadata: JsonObject, tags: JsonObject = {}, name = 'billing-db'): Promise<string> {
    const marker = `${newId()}.1`;
    await this.cloud.createDisk({ ...spec, name, marker }, { timeoutMs: 30_000, mayStillSend: () => true });
    const [made] = await this.cloud.findDisksByMarker(marker, new Date(0));
    if (made === undefined) throw new Error('no disk was made');
    await this.simulate(`disks/${made.cloudId}`, { metadata, tags });
    return made.cloudId;
  }

  /** How many requests of each kind the simulator has had. */
  async requests(): Promise<Readonly<Record<string, number>>> {
    const answer = await fetch(`${this.simulator.url}/_simulator/requests`);
    const { calls } = (await answer.json()) as { calls: Record<string, { total: number }> };
    return Object.fromEntries(Object.entries(calls).map(([operation, { total }]) => [operation, total]));
  }

  async disksInCloud(): Promise<readonly CloudDisk[]> {
    const disks: CloudDisk[] = [];
    for await (const page of this.cloud.listDisks()) disks.push(...page);
    return disks;
  }

  /** What the api would write for a request concerning one disk. */
  async request(
    kind: string,
    diskId: DiskId,
    input: JsonObject,
    command: Omit<DiskCommand, 'work'> | object,
  ): Promise<OperationId> {
    const { projectId, bindingId } = this;
    const operationId = OperationId.parse(newId());
    const loaded = await this.load(diskStream(diskId));
    const work = { operationId, shownAs: operationId };
    const decision = decideDisk({ ...command, work } as DiskCommand, diskOf(loaded));
    if (!decision.accepted) throw new Error(decision.refusal.type);
    const requested = operationEvent('OperationRequested', {
      operationId,
      kind,
      projectId,
      bindingId,
      target: { type: 'disk', id: diskId },
      input,
      partOf: null,
      parts: [],
      retryOf: null,
    });
    const streams: StreamAppend[] = [
      { stream: `operation-${operationId}`, projectId, expectedVersion: 0, events: [requested] },
      { stream: loaded.stream, projectId, expectedVersion: loaded.version, events: decision.events },
    ];
    await this.append({ streams });
    return operationId;
  }

  /** As `spec`, but for what is given. */
  async requestDisk(
    given: Partial<DiskSpec> = {},
  ): Promise<{ readonly diskId: DiskId; readonly operationId: OperationId }> {
    const { projectId, bindingId } = this;
    const diskId = DiskId.parse(newId());
    const asked = { ...spec, ...given };
    const command = { type: 'RequestDisk', diskId, projectId, bindingId, spec: asked };
    return { diskId, operationId: await this.request('disk.create', diskId, { diskId, ...asked }, command) };
  }

  /** A disk that was made and is in the cloud. */
  async provisioned(given: Partial<DiskSpec> = {}): Promise<{ readonly diskId: DiskId; readonly cloudId: string }> {
    const { diskId, operationId } = await this.requestDisk(given);
    await this.carryOut(operationId);
    const disk = await this.diskNow(diskId);
    if (disk.life !== 'in-cloud') throw new Error(`the disk is ${disk.life}`);
    return { diskId, cloudId: disk.cloudId };
  }

  ports(change: Partial<StepPorts<DiskCloud>> = {}): StepPorts<DiskCloud> {
    return portsOver(this.store, this.cloud, change);
  }

  /** By one worker that has all the time, whatever is changed about it. */
  patiently(change: Partial<StepPorts<DiskCloud>> = {}): StepPorts<DiskCloud> {
    return this.ports(patientWork(() => this.hangs, change));
  }

  /** As the schedule would: each step when it is due, until the operation has ended. */
  async carryOut(operationId: string, with_: StepPorts<DiskCloud> = this.patiently()) {
    const resources = await this.resourcesOf(operationId);
    let after: After = { lane: 'send', dueInMs: 0, looks: 0, lastSeen: null, waitingFor: null };
    for (let steps = 0; steps < 1_000 && after !== null && after !== 'gone'; steps++) {
      const dueInMs: number = Math.min(after.dueInMs, 10);
      await new Promise((resolve) => setTimeout(resolve, dueInMs));
      after = await runStep(with_, operationId, { ...after, resources, heldBy: null, holds: [] });
    }
    return historyOf(await this.load(`operation-${operationId}`));
  }

  async diskNow(diskId: DiskId): Promise<Disk> {
    return diskOf(await this.load(diskStream(diskId)));
  }

  /** Gigabytes of the project. */
  figures() {
    return this.figuresOf('gigabytes');
  }

  async figuresOf(dimension: string, node: ProjectId = this.projectId) {
    const ledger = new PostgresQuotaLedger(this.store.pool);
    const [newest] = await ledger.history({ sight: everything, node, limit: 1 });
    const found = newest?.figures.find((each) => each.dimension === dimension);
    return { held: found?.held, used: found?.used, releasing: found?.releasing };
  }

  /** As the dispatcher notes them when an operation is requested. */
  async resourcesOf(operationId: string): Promise<readonly string[]> {
    const [first] = (await this.load(`operation-${operationId}`)).events;
    if (first === undefined) throw new Error('no such operation');
    return scheduleChangesOf(first, (kind) => kinds.rulesOf(kind)).flatMap((each) =>
      each.change === 'open' ? each.resources : [],
    );
  }

  private async load(stream: StreamId): Promise<LoadedStream> {
    const [loaded] = (await this.store.load({ sight: everything, streams: [stream] })).streams;
    if (loaded === undefined) throw new Error('no stream');
    return loaded;
  }

  private ownerOf({ changes = [] }: Appended): ProjectId {
    return ProjectId.parse(changes.some(({ change }) => change === 'binding-added') ? this.bindingId : this.projectId);
  }
}

const renamed = { type: 'ProjectRenamed', schemaVersion: 1, data: { name: 'alpha' } };
