import type { Sent, WriteOptions } from '../disk-cloud.js';
import {
  SnapshotCloud,
  type CloudSnapshot,
  type CloudSnapshotChange,
  type NewCloudSnapshot,
} from '../snapshot-cloud.js';
import type { EvsClient } from './evs.client.js';
import { createSnapshot } from './snapshots/create-snapshot.js';
import { deleteSnapshot } from './snapshots/delete-snapshot.js';
import { markSnapshot } from './snapshots/mark-snapshot.js';
import { collectSnapshots, queryAllSnapshots } from './snapshots/query-all-snapshots.js';
import { querySnapshot } from './snapshots/query-snapshot.js';
import { rollBackSnapshot, type RollbackPath } from './snapshots/roll-back-snapshot.js';
import { updateSnapshot } from './snapshots/update-snapshot.js';

const rollbackOff = { code: 'rollback-off', message: 'the binding says that it is not offered', requestId: null };

/** The snapshots of EVS, on the token and connections of its disks. */
export class EvsSnapshotCloud extends SnapshotCloud {
  readonly #client: EvsClient;
  readonly #rollback: RollbackPath | 'off';

  constructor(client: EvsClient, rollback: RollbackPath | 'off') {
    super();
    this.#client = client;
    this.#rollback = rollback;
  }

  createSnapshot(snapshot: NewCloudSnapshot, options: WriteOptions): Promise<Sent> {
    return createSnapshot(this.#client, snapshot, options);
  }

  changeSnapshot(cloudId: string, change: CloudSnapshotChange, options: WriteOptions): Promise<Sent> {
    return updateSnapshot(this.#client, cloudId, change, options);
  }

  markSnapshot(cloudId: string, marker: string, options: WriteOptions): Promise<Sent> {
    return markSnapshot(this.#client, cloudId, marker, options);
  }

  deleteSnapshot(cloudId: string, options: WriteOptions): Promise<Sent> {
    return deleteSnapshot(this.#client, cloudId, options);
  }

  rollBack(cloudId: string, cloudDiskId: string, options: WriteOptions): Promise<Sent> {
    const at = this.#rollback;
    return at === 'off'
      ? Promise.resolve({ outcome: 'refused', reason: 'rollback-not-offered', fault: rollbackOff })
      : rollBackSnapshot(this.#client, { cloudId, cloudDiskId, at }, options);
  }

  findSnapshot(cloudId: string): Promise<CloudSnapshot | null> {
    return querySnapshot(this.#client, cloudId);
  }

  /** The list knows no filter by id: one is asked for by itself, more are picked from the list. */
  async findSnapshots(cloudIds: readonly string[]): Promise<readonly CloudSnapshot[]> {
    const wanted = new Set(cloudIds);
    const [first] = wanted;
    if (first === undefined) return [];
    if (wanted.size === 1) return [await querySnapshot(this.#client, first)].filter((found) => found !== null);
    const isWanted = ({ cloudId }: CloudSnapshot) => wanted.has(cloudId);
    return collectSnapshots(this.#client, { isWanted, enough: wanted.size });
  }

  findSnapshotsOfDisk(cloudDiskId: string): Promise<readonly CloudSnapshot[]> {
    return collectSnapshots(this.#client, { cloudDiskId });
  }

  findSnapshotsByMarker(marker: string, cloudDiskId: string): Promise<readonly CloudSnapshot[]> {
    return collectSnapshots(this.#client, { cloudDiskId, isWanted: (snapshot) => snapshot.marker === marker });
  }

  listSnapshots(): AsyncIterable<readonly CloudSnapshot[]> {
    return queryAllSnapshots(this.#client);
  }
}
