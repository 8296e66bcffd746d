import {
  TransferCloud,
  type CloudDisk,
  type CloudTransfer,
  type DiskCloud,
  type EvsAccess,
  type Offered,
  type Sent,
} from '@strata/cloud';
import { EvsDiskCloud } from '@strata/cloud/evs';
import {
  acceptTransfer,
  diskKinds,
  offerDisk,
  transferOf,
  transferStream,
  withdrawTransfer,
  type SweepReport,
} from '@strata/disks';
import { everything, type QuotaLedger } from '@strata/event-store';
import { PostgresQuotaLedger, type PostgresViewStore } from '@strata/event-store/postgres';
import { BindingId, OperationId, ProjectId, TransferId, type DiskId } from '@strata/kernel';
import { cancelOperation, KindRegistry, participationStream, type StepPorts } from '@strata/operations';
import { bindingEvent, bindingStream, nodeOf, type WriteCall } from '@strata/projects';
import { v7 as newId } from 'uuid';
import { sweeping } from '../sweeping.js';
import type { WorkLog } from './work-log.js';
import { cloudProjectId, WorkUnderTest } from './work-under-test.js';

const receivingCloudProject = 'ab'.repeat(16);

/** What a disk counts for in a project. */
export interface Charged {
  readonly held: number;
  readonly used: number;
  readonly releasing: number;
}

export interface Watch {
  readonly offered?: (key: string) => void;
  readonly beforeAccept?: () => Promise<void>;
  readonly beforeTakeBack?: () => Promise<void>;
  /** What the list shows of the offers that there are. */
  readonly shown?: (offers: readonly CloudTransfer[]) => readonly CloudTransfer[];
}

/** The transfers of a cloud project, and somebody who watches. */
class WatchedTransfers extends TransferCloud {
  constructor(
    private readonly inner: TransferCloud,
    private readonly watch: Watch,
  ) {
    super();
  }

  async offerDisk(...asked: Parameters<TransferCloud['offerDisk']>): Promise<Offered> {
    const offered = await this.inner.offerDisk(...asked);
    if (offered.outcome === 'offered') this.watch.offered?.(offered.key.reveal());
    return offered;
  }

  async acceptDisk(...asked: Parameters<TransferCloud['acceptDisk']>): Promise<Sent> {
    await this.watch.beforeAccept?.();
    return this.inner.acceptDisk(...asked);
  }

  async takeBack(...asked: Parameters<TransferCloud['takeBack']>): Promise<Sent> {
    await this.watch.beforeTakeBack?.();
    return this.inner.takeBack(...asked);
  }

  findTransfer(transferId: string): Promise<CloudTransfer | null> {
    return this.inner.findTransfer(transferId);
  }

  async findTransfersOfDisk(cloudDiskId: string): Promise<readonly CloudTransfer[]> {
    const offers = await this.inner.findTransfersOfDisk(cloudDiskId);
    return this.watch.shown?.(offers) ?? offers;
  }
}

class WatchedCloud extends EvsDiskCloud {
  override readonly transfers: TransferCloud;
  private readonly inner: EvsDiskCloud;

  constructor(access: EvsAccess, watch: Watch) {
    super(access);
    this.inner = new EvsDiskCloud(access);
    this.transfers = new WatchedTransfers(this.inner.transfers, watch);
  }

  override async close(): Promise<void> {
    await Promise.all([super.close(), this.inner.close()]);
  }
}

interface SeenViews {
  readonly views: PostgresViewStore;
  readonly caughtUp?: () => Promise<void>;
}

/** A second project, whose binding leads to another cloud project of the same cloud. */
export class TransferWork {
  readonly receiverId = ProjectId.parse(newId());
  readonly receiverBindingId = BindingId.parse(newId());
  readonly receiverCloud: EvsDiskCloud;
  private readonly ledger: QuotaLedger;
  private readonly opened: DiskCloud[] = [];

  private constructor(readonly work: WorkUnderTest) {
    this.receiverCloud = new EvsDiskCloud({ ...work.access(), cloudProjectId: receivingCloudProject });
    this.ledger = new PostgresQuotaLedger(work.store.pool);
  }

  static async on(log: WorkLog): Promise<TransferWork> {
    const work = await WorkUnderTest.on(log);
    const both = new TransferWork(work);
    const { receiverId: projectId, receiverBindingId: bindingId } = both;
    await work.change('PUT', `projects/${receivingCloudProject}`, { name: 'eu-de_receiver', quota: {} });
    await work.append({ changes: [{ change: 'binding-added', bindingId }] });
    await work.append({ changes: [{ change: 'project-added', projectId, parentId: null, bindingId, name: 'beta' }] });
    await both.bind(work.bindingId, cloudProjectId);
    await both.bind(bindingId, receivingCloudProject);
    return both;
  }

  async stop(): Promise<void> {
    await Promise.all([this.receiverCloud, ...this.opened].map((cloud) => cloud.close()));
    await this.work.stop();
  }

  /** Limits what the receiver's cloud project grants. */
  async grant(quota: Readonly<Record<string, number>>): Promise<void> {
    await this.work.change('PUT', `projects/${receivingCloudProject}`, { quota });
  }

  async offer(
    diskId: DiskId,
    projectId = this.work.projectId,
  ): Promise<{ readonly transferId: TransferId; readonly code: string }> {
    const { executed, code } = await offerDisk(this.commands, callOf(projectId), { projectId, diskId });
    if (executed.status !== 'done') throw new Error(JSON.stringify(executed));
    return { transferId: TransferId.parse(executed.answer['transferId']), code };
  }

  async accept(
    { transferId, code }: { readonly transferId: TransferId; readonly code: string },
    projectId = this.receiverId,
  ): Promise<OperationId> {
    const { executed } = await acceptTransfer(this.commands, callOf(projectId), { projectId, transferId, code });
    if (executed.status !== 'done') throw new Error(JSON.stringify(executed));
    return OperationId.parse(executed.answer['operationId']);
  }

  withdraw(transferId: TransferId) {
    const { projectId } = this.work;
    return withdrawTransfer(this.commands, callOf(projectId), { projectId, transferId });
  }

  /** A disk that is offered and accepted; nothing was asked of the cloud yet. */
  async accepted() {
    const disk = await this.work.provisioned();
    const offer = await this.offer(disk.diskId);
    return { ...disk, ...offer, operationId: await this.accept(offer) };
  }

  /** As who asked for it. */
  async cancel(operationId: OperationId): Promise<void> {
    const kinds = new KindRegistry(diskKinds);
    const decision = await cancelOperation({ ...this.commands, kinds }, callOf(this.receiverId), operationId);
    if (decision.executed.status !== 'done') throw new Error(JSON.stringify(decision.executed));
  }

  /** One of the two cloud projects, with somebody who watches its transfers. */
  watched(which: 'giver' | 'receiver', watch: Watch): (bindingId: string) => Promise<DiskCloud> {
    const { receiverBindingId, receiverCloud, work } = this;
    const inProject = which === 'giver' ? cloudProjectId : receivingCloudProject;
    const cloud = new WatchedCloud({ ...work.access(), cloudProjectId: inProject }, watch);
    this.opened.push(cloud);
    const [giver, receiver] = which === 'giver' ? [cloud, receiverCloud] : [work.cloud, cloud];
    return (id) => Promise.resolve(id === receiverBindingId ? receiver : giver);
  }

  /** By one worker that has all the time, whatever is changed about it. */
  carryOut(operationId: OperationId, change: Partial<StepPorts<DiskCloud>> = {}) {
    const { work, receiverBindingId, receiverCloud } = this;
    const cloudOf = (id: string) => Promise.resolve(id === receiverBindingId ? receiverCloud : work.cloud);
    return work.carryOut(operationId, work.patiently({ cloudOf, ...change }));
  }

  async transferNow(transferId: TransferId) {
    const [stream] = (await this.work.store.load({ sight: everything, streams: [transferStream(transferId)] })).streams;
    return transferOf(stream);
  }

  /** What the project that gives was told in the end, if it was. */
  async toldToGiver(operationId: OperationId): Promise<unknown> {
    const streams = [participationStream(operationId)];
    const [stream] = (await this.work.store.load({ sight: everything, streams })).streams;
    const [, ended] = stream?.events ?? [];
    return ended?.data;
  }

  /** Gigabytes, in the project that gives and in the one that receives. */
  async charged(): Promise<{ readonly giver: Charged; readonly receiver: Charged }> {
    const of = async (node: ProjectId): Promise<Charged> => {
      const { held = 0, used = 0, releasing = 0 } = await this.work.figuresOf('gigabytes', node);
      return { held, used, releasing };
    };
    return { giver: await of(this.work.projectId), receiver: await of(this.receiverId) };
  }

  /** Where ledger and log differ. */
  async differences() {
    return (await this.ledger.recount()).differences;
  }

  /** The disk in each of the two cloud projects. */
  async inCloud(cloudId: string): Promise<{ readonly giver: CloudDisk | null; readonly receiver: CloudDisk | null }> {
    return {
      giver: await this.work.cloud.findDisk(cloudId),
      receiver: await this.receiverCloud.findDisk(cloudId),
    };
  }

  /** Both bindings, as the views show them; without a word of when they have caught up: by now. */
  async sweep({ views, caughtUp }: SeenViews): Promise<readonly SweepReport[]> {
    const { store, bindingId, cloud } = this.work;
    const bounds = { requestsPerSecond: 10_000, requestTimeoutMs: 15_000, keep: () => Promise.resolve() };
    const sweep = sweeping({ store, views, signal: new AbortController().signal, ...bounds });
    const reports: SweepReport[] = [];
    for (const swept of [() => sweep(cloud, bindingId), () => sweep(this.receiverCloud, this.receiverBindingId)]) {
      await caughtUp?.();
      reports.push(await swept());
    }
    return reports;
  }

  private get commands() {
    return { store: this.work.store, ledger: this.ledger };
  }

  private bind(bindingId: BindingId, inCloudProject: string): Promise<void> {
    const { endpoints, region } = this.work.access();
    const access = { name: 'simulator', kind: 'evs', region, endpoints, credentials: { ref: 'simulator' } } as const;
    const events = [bindingEvent('BindingAdded', { ...access, cloudProjectId: inCloudProject })];
    const stream = { stream: bindingStream(bindingId), projectId: nodeOf(bindingId), expectedVersion: 0, events };
    return this.work.append({ streams: [stream] });
  }
}

const callOf = (projectId: ProjectId): WriteCall => ({
  caller: {
    ...{ actorId: newId(), kind: 'service-token', tokenId: newId(), platformRoles: [] },
    grants: [{ projectId, role: 'operator' }],
  },
  requestId: newId(),
  fingerprint: '',
  validateOnly: false,
});
