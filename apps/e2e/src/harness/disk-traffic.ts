import { type Client, type Disk, hasEnded, type Operation } from './client.js';
import { eventually } from './eventually.js';
import { insist } from './insistent.js';

export interface TrafficSettings {
  readonly creates: number;
  readonly deletes: number;
  /** Of the disks that stay, how many meet each of the further commands. */
  readonly ofEachKind: number;
  /** 0 … 1: how much of it may have been asked for by now. */
  readonly pace: () => number;
}

/** Every eleventh request is a batch of ten: half of the disks come singly, half in batches. */
const batchOf = 10;
const sizeGiB = 10;

/** What a disk that stays is asked for, once. Each leaves something to see in the cloud. */
const furtherKinds = ['extend', 'retype', 'snapshot', 'change', 'attach'] as const;
type FurtherKind = (typeof furtherKinds)[number];

export const changedTags = { crash: 'tested' };
export const retypedTo = 'GPSSD';

export interface Owner {
  readonly client: Client;
  readonly projectId: string;
}

/** Asks for disks in several projects, and for deletions of those that have come, or for one further thing of each. */
export class DiskTraffic {
  readonly accepted: Operation[] = [];
  readonly deleted = new Set<string>();
  /** Ids of the disks that each was asked of. */
  readonly further: Readonly<Record<FurtherKind, Set<string>>> = {
    ...{ extend: new Set<string>(), retype: new Set<string>(), snapshot: new Set<string>() },
    ...{ change: new Set<string>(), attach: new Set<string>() },
  };
  private asked = 0;

  /** `serverId`: in the zone of the disks. */
  constructor(
    private readonly owners: readonly Owner[],
    private readonly serverId: string,
    private readonly settings: TrafficSettings,
  ) {}

  async run(): Promise<void> {
    await Promise.all([this.create(), this.tend()]);
  }

  /** Bounded: an operation that never ends is what these tests look for. */
  async untilAllEnded(withinMs: number): Promise<readonly Operation[]> {
    const [owner] = this.owners;
    if (owner === undefined) throw new Error('nobody asks');
    const ended: Operation[] = [];
    for (const { id, projectId } of this.accepted) {
      const { client } = this.owners.find((each) => each.projectId === projectId) ?? owner;
      ended.push(
        await eventually(
          `operation ${id} has ended`,
          async () => {
            const operation = await client.read<Operation>(`/v1/operations/${id}`);
            return hasEnded(operation) ? operation : undefined;
          },
          { withinMs, everyMs: 200 },
        ),
      );
    }
    return ended;
  }

  private async create(): Promise<void> {
    for (let n = 0; this.asked < this.settings.creates; n++) {
      await eventually(
        'the pace allows another disk',
        () => Promise.resolve(this.asked / this.settings.creates <= this.settings.pace() + 0.05),
        { withinMs: 300_000 },
      );
      const count = Math.min(n % (batchOf + 1) === batchOf ? batchOf : 1, this.settings.creates - this.asked);
      const { client, projectId } = this.ownerOf(n);
      const disk = { name: `disk-${n}`, sizeGiB, type: 'SSD', availabilityZone: 'eu-de-01' };
      const body = count === 1 ? disk : { ...disk, count };
      await this.ask(client, 'POST', `/v1/projects/${projectId}/disks`, `create-${n}`, body);
      this.asked += count;
    }
  }

  /** Of the disks that have come, in turn: one is deleted, one meets a further command. */
  private async tend(): Promise<void> {
    const { deletes, ofEachKind } = this.settings;
    const met = new Set<string>();
    await eventually(
      'everything was asked for',
      async () => {
        for (const { client, projectId } of this.owners) {
          for (const disk of await client.all<Disk>(`/v1/projects/${projectId}/disks?status=available`)) {
            if (met.has(disk.id)) continue;
            met.add(disk.id);
            if (met.size % 2 === 0 && this.deleted.size < deletes) await this.remove(client, disk);
            else await this.askFurther(client, disk);
          }
        }
        return this.deleted.size >= deletes && furtherKinds.every((kind) => this.further[kind].size >= ofEachKind);
      },
      { withinMs: 600_000, everyMs: 250 },
    );
  }

  private async remove(client: Client, { id, projectId }: Disk): Promise<void> {
    await this.ask(client, 'DELETE', `/v1/projects/${projectId}/disks/${id}`, `delete-${id}`);
    this.deleted.add(id);
  }

  /** What was asked for least so far; nothing when there was enough of everything. */
  private async askFurther(client: Client, disk: Disk): Promise<void> {
    const [kind] = furtherKinds.toSorted((a, b) => this.further[a].size - this.further[b].size);
    if (kind === undefined || this.further[kind].size >= this.settings.ofEachKind) return;
    const { method, path, body } = this.furtherRequest(kind, disk);
    await this.ask(client, method, `/v1/projects/${disk.projectId}${path}`, `${kind}-${disk.id}`, body);
    this.further[kind].add(disk.id);
  }

  private furtherRequest(kind: FurtherKind, { id }: Disk): { method: string; path: string; body: object } {
    const disk = `/disks/${id}`;
    switch (kind) {
      case 'extend':
        return { method: 'POST', path: `${disk}/extend`, body: { sizeGiB: sizeGiB * 2 } };
      case 'retype':
        return { method: 'POST', path: `${disk}/retype`, body: { type: retypedTo } };
      case 'snapshot':
        return { method: 'POST', path: '/snapshots', body: { diskId: id, name: `of-${id}` } };
      case 'change':
        return { method: 'PATCH', path: disk, body: { tags: changedTags } };
      case 'attach':
        return { method: 'POST', path: `${disk}/attach`, body: { serverId: this.serverId } };
    }
  }

  private async ask(client: Client, method: string, path: string, key: string, body?: unknown): Promise<void> {
    const answer = await insist<Operation>(client, method, path, key, body);
    if (answer.status !== 202) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    this.accepted.push(answer.body);
  }

  private ownerOf(n: number): Owner {
    const owner = this.owners[n % this.owners.length];
    if (owner === undefined) throw new Error('nobody asks');
    return owner;
  }
}
