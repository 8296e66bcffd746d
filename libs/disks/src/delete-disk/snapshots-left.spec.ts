import type { CloudSnapshot, DiskCloud } from '@strata/cloud';
import { describe, expect, it } from 'vitest';
import { SnapshotsLeft } from './snapshots-left.js';

const snapshot = (cloudDiskId: string, name = 'theirs'): CloudSnapshot => ({
  ...{ cloudId: `${name} of ${cloudDiskId}`, cloudDiskId, name, description: '', metadata: {}, marker: null },
  ...{ status: 'available', cloudStatus: 'available', sizeGiB: 10, createdAt: '2026-11-28T10:00:00Z' },
});

/** Answers each list when it is told to, with what was there when it was asked. */
class Snapshots {
  there: readonly CloudSnapshot[] = [];
  readonly asked: string[] = [];
  pages = 1;
  private readonly answers: (() => void)[] = [];

  answer(): void {
    for (const answer of this.answers.splice(0)) answer();
  }

  async *listSnapshots() {
    const [first, ...rest] = Array.from({ length: this.pages }, (_, page) => (page === 0 ? this.there : []));
    await this.asks('all');
    yield first ?? [];
    yield* rest;
  }
  async findSnapshotsOfDisk(cloudDiskId: string) {
    const found = this.there.filter((each) => each.cloudDiskId === cloudDiskId);
    await this.asks(cloudDiskId);
    return found;
  }
  findSnapshot(cloudId: string) {
    return Promise.resolve(this.there.find((each) => each.cloudId === cloudId) ?? null);
  }

  private asks(what: string): Promise<void> {
    this.asked.push(what);
    return new Promise((answer) => void this.answers.push(answer));
  }
}

const looking = () => {
  const snapshots = new Snapshots();
  const cloud = { snapshots } as unknown as DiskCloud;
  const left = new SnapshotsLeft();
  const on = (cloudDiskId: string) => left.leftOn(cloud, cloudDiskId);
  const settled = async () => {
    for (let turn = 0; turn < 5; turn++) {
      snapshots.answer();
      await new Promise(setImmediate);
    }
  };
  return { snapshots, on, settled };
};

describe('what is left on disks that are to be deleted', () => {
  it('is told by a list of its own of one, and by one list of those that ask meanwhile', async () => {
    const { snapshots, on, settled } = looking();
    const answers = ['a', 'b', 'c', 'd'].map(on);
    snapshots.there = [snapshot('c'), snapshot('d', 'autobk_snapshot_vbs_1')];
    await settled();
    expect(await Promise.all(answers)).toEqual([0, 0, 1, 0]);
    expect(snapshots.asked).toEqual(['a', 'all']);
  });

  it('has in it what somebody made right before it was asked for, while an older list was under way', async () => {
    const { snapshots, on, settled } = looking();
    const before = ['a', 'b', 'c'].map(on);
    snapshots.answer();
    await new Promise(setImmediate);
    expect(snapshots.asked).toEqual(['a', 'all']);
    snapshots.there = [snapshot('d')];
    const late = on('d');
    await settled();
    expect(await Promise.all([...before, late])).toEqual([0, 0, 0, 1]);
  });

  it('is told by lists of their own where one of all would cost more', async () => {
    const { snapshots, on, settled } = looking();
    snapshots.pages = 3;
    for (const ask of [['a', 'b', 'c'], ['d', 'e', 'f'], ['g']]) {
      const answers = ask.map(on);
      await settled();
      expect(await Promise.all(answers)).toEqual(ask.map(() => 0));
    }
    expect(snapshots.asked).toEqual(['a', 'all', 'd', 'e', 'f', 'g']);
  });

  it('is not known of any of them where the list of all was not answered, and asked for anew', async () => {
    const { snapshots, on, settled } = looking();
    const answers = ['a', 'b', 'c'].map(on);
    snapshots.listSnapshots = () => {
      throw new Error('silent');
    };
    const told = Promise.allSettled(answers);
    await settled();
    expect((await told).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    const again = on('b');
    await settled();
    expect(await again).toBe(0);
  });
});
