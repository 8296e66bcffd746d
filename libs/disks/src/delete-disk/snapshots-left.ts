import type { CloudSnapshot, DiskCloud, SnapshotCloud } from '@strata/cloud';

interface Asker {
  readonly cloudDiskId: string;
  readonly told: (snapshots: readonly CloudSnapshot[]) => void;
  readonly failed: (fault: unknown) => void;
}

/**
 * Which snapshots disks have that are about to be deleted. Who asks while a look is under way waits for the next one: many at a
 * time are told by one list of all snapshots, few by a list of each disk's own. So every look has begun after it was asked for,
 * and what somebody made before that is in it.
 */
class SharedLooks {
  private asking: Asker[] = [];
  private isLooking = false;
  /** Requests that a list of all has cost last. */
  private pages = 1;

  constructor(private readonly snapshots: SnapshotCloud) {}

  at(cloudDiskId: string): Promise<readonly CloudSnapshot[]> {
    return new Promise((told, failed) => {
      this.asking.push({ cloudDiskId, told, failed });
      if (!this.isLooking) void this.look();
    });
  }

  private async look(): Promise<void> {
    this.isLooking = true;
    while (this.asking.length > 0) {
      const asked = this.asking;
      this.asking = [];
      await (asked.length > this.pages ? this.atAll(asked) : Promise.all(asked.map((each) => this.atOne(each))));
    }
    this.isLooking = false;
  }

  private async atOne({ cloudDiskId, told, failed }: Asker): Promise<void> {
    await this.snapshots.findSnapshotsOfDisk(cloudDiskId).then(told, failed);
  }

  private async atAll(asked: readonly Asker[]): Promise<void> {
    try {
      const all: CloudSnapshot[] = [];
      let pages = 0;
      for await (const page of this.snapshots.listSnapshots()) {
        all.push(...page);
        pages += 1;
      }
      this.pages = Math.max(pages, 1);
      const ofDisk = Map.groupBy(all, (snapshot) => snapshot.cloudDiskId);
      for (const { cloudDiskId, told } of asked) told(ofDisk.get(cloudDiskId) ?? []);
    } catch (fault) {
      for (const { failed } of asked) failed(fault);
    }
  }
}

/** Made by the backup service for itself (EVS reference §1.7): they go with the disk, and it makes them anew. */
const isSystems = (name: string): boolean => /^(?:auto|manual)bk_snapshot_/.test(name);

/**
 * The cloud would remove them with the disk (EVS reference §1.5): somebody may have taken one since the deletion was accepted,
 * or since the last sweep. A list may show what is gone: each is looked at by itself.
 */
export class SnapshotsLeft {
  private readonly looks = new WeakMap<DiskCloud, SharedLooks>();

  async leftOn(cloud: DiskCloud, cloudDiskId: string): Promise<number> {
    const { snapshots } = cloud;
    if (snapshots === null) return 0;
    const looks = this.looks.get(cloud) ?? new SharedLooks(snapshots);
    this.looks.set(cloud, looks);
    let left = 0;
    for (const listed of await looks.at(cloudDiskId)) {
      if (isSystems(listed.name)) continue;
      const now = await snapshots.findSnapshot(listed.cloudId);
      if (now !== null && now.status !== 'deleting') left += 1;
    }
    return left;
  }
}
