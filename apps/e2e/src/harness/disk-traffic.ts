import { type Client, type Disk, hasEnded, type Operation } from './client.js';
import { eventually } from './eventually.js';
import { insist } from './insistent.js';

export interface TrafficSettings {
  readonly creates: number;
  readonly deletes: number;
  readonly extensions: number;
  /** 0 … 1: how much of it may have been asked for by now. */
  readonly pace: () => number;
}

/** Every eleventh request is a batch of ten: half of the disks come singly, half in batches. */
const batchOf = 10;
const sizeGiB = 10;

export interface Owner {
  readonly client: Client;
  readonly projectId: string;
}

/** Asks for disks in several projects, and for deletions and extensions of those that have come. */
export class DiskTraffic {
  readonly accepted: Operation[] = [];
  readonly deleted = new Set<string>();
  readonly extended = new Set<string>();
  private asked = 0;

  constructor(
    private readonly owners: readonly Owner[],
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

  /** Of the disks that have come, in turn: one is deleted, one extended or left alone. */
  private async tend(): Promise<void> {
    const { deletes, extensions } = this.settings;
    const met = new Set<string>();
    await eventually(
      'everything was asked for',
      async () => {
        for (const { client, projectId } of this.owners) {
          for (const disk of await client.all<Disk>(`/v1/projects/${projectId}/disks?status=available`)) {
            if (met.has(disk.id)) continue;
            met.add(disk.id);
            if (met.size % 2 === 0 && this.deleted.size < deletes) await this.remove(client, disk);
            else if (this.extended.size < extensions) await this.extend(client, disk);
          }
        }
        return this.deleted.size >= deletes && this.extended.size >= extensions;
      },
      { withinMs: 600_000, everyMs: 250 },
    );
  }

  private async remove(client: Client, { id, projectId }: Disk): Promise<void> {
    await this.ask(client, 'DELETE', `/v1/projects/${projectId}/disks/${id}`, `delete-${id}`);
    this.deleted.add(id);
  }

  private async extend(client: Client, { id, projectId }: Disk): Promise<void> {
    const body = { sizeGiB: sizeGiB * 2 };
    await this.ask(client, 'POST', `/v1/projects/${projectId}/disks/${id}/extend`, `extend-${id}`, body);
    this.extended.add(id);
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
