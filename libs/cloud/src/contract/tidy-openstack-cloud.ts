import type { CloudDisk, NewCloudDisk, Sent, WriteOptions } from '../disk-cloud.js';
import { OpenstackDiskCloud, type OpenstackOptions } from '../openstack/index.js';
import type { CloudOfEnvironment } from './openstack-environment.js';

const now: WriteOptions = { timeoutMs: 30_000, mayStillSend: () => true };

/** Long enough for Cinder to finish what it is at: it deletes nothing that is still being made. */
const patienceMs = 120_000;

export interface TidyOptions extends Partial<OpenstackOptions> {
  /** What stands before the cloud, if anything does. */
  readonly endpoints?: Readonly<Record<string, string>>;
  readonly password?: string;
  /** The markers of what is ours, shared where disks go from one project into another. */
  readonly made?: Set<string>;
}

/** Remembers what it was asked to make, so that a test looks only at its own and leaves nothing behind. */
export class TidyOpenstackCloud extends OpenstackDiskCloud {
  readonly #environment: CloudOfEnvironment;
  readonly #made: Set<string>;
  readonly #direct: OpenstackDiskCloud;

  constructor(environment: CloudOfEnvironment, { endpoints, password, made, ...options }: TidyOptions = {}) {
    const { access } = environment;
    const credentials = { ...access.credentials, ...(password !== undefined && { password }) };
    super({ ...access, credentials, ...(endpoints && { endpoints }) }, options);
    this.#environment = environment;
    this.#made = made ?? new Set();
    this.#direct = new OpenstackDiskCloud(access);
  }

  override createDisk(disk: NewCloudDisk, options: WriteOptions): Promise<Sent> {
    this.#made.add(disk.marker);
    return super.createDisk(disk, options);
  }

  /** As they are in the cloud, past whatever stands before it. */
  async own(): Promise<readonly CloudDisk[]> {
    const disks: CloudDisk[] = [];
    for await (const page of this.#direct.listDisks()) disks.push(...page);
    return disks.filter(({ marker }) => marker !== null && this.#made.has(marker));
  }

  /** Until each is gone: the next test needs the room. */
  async remove(isMeant: (disk: CloudDisk) => boolean = () => true): Promise<void> {
    const endsAtMs = performance.now() + patienceMs;
    for (let left = await this.own(); left.some(isMeant); left = await this.own()) {
      if (performance.now() > endsAtMs) throw new Error(`still there: ${JSON.stringify(left)}`);
      for (const disk of left.filter(isMeant)) await this.#removeOnce(disk);
    }
  }

  override async close(): Promise<void> {
    await super.close();
    await this.remove();
    await this.#direct.close();
  }

  async #removeOnce({ cloudId, status }: CloudDisk): Promise<void> {
    if (status === 'awaiting-transfer') await this.#environment.takeBackOffersOf(cloudId);
    for (const snapshot of await this.#direct.snapshots.findSnapshotsOfDisk(cloudId)) {
      await this.#direct.snapshots.deleteSnapshot(snapshot.cloudId, now);
    }
    if (status !== 'deleting') await this.#direct.deleteDisk(cloudId, now);
  }
}
