import type { OpenstackAccess, Sent, WriteOptions } from '../disk-cloud.js';
import {
  SnapshotCloud,
  type CloudSnapshot,
  type CloudSnapshotChange,
  type NewCloudSnapshot,
} from '../snapshot-cloud.js';
import { ownFault } from '../wire/outcome.js';
import type { OpenstackClient } from './openstack.client.js';
import { createSnapshot } from './snapshots/create-a-snapshot.js';
import { deleteSnapshot } from './snapshots/delete-a-snapshot.js';
import { collectSnapshots, listSnapshots } from './snapshots/list-snapshots-and-details.js';
import { markSnapshot } from './snapshots/mark-a-snapshot.js';
import { revertToSnapshot } from './snapshots/revert-volume-to-snapshot.js';
import { showSnapshotDetails } from './snapshots/show-a-snapshots-details.js';
import { updateSnapshot } from './snapshots/update-a-snapshot.js';

const rollbackOff = ownFault('rollback-off', 'the binding says that it is not offered');

/** The snapshots of Cinder, on the token and connections of its volumes. */
export class OpenstackSnapshotCloud extends SnapshotCloud {
  readonly #client: OpenstackClient;
  readonly #rollback: NonNullable<OpenstackAccess['rollback']>;

  constructor(client: OpenstackClient, { rollback = 'revert' }: Pick<OpenstackAccess, 'rollback'>) {
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
    return this.#rollback === 'off'
      ? Promise.resolve({ outcome: 'refused', reason: 'rollback-not-offered', fault: rollbackOff })
      : revertToSnapshot(this.#client, { cloudId, cloudDiskId }, options);
  }

  findSnapshot(cloudId: string): Promise<CloudSnapshot | null> {
    return showSnapshotDetails(this.#client, cloudId);
  }

  /** The list knows no filter for many ids: one is asked for by itself, more are picked from the list. */
  async findSnapshots(cloudIds: readonly string[]): Promise<readonly CloudSnapshot[]> {
    const wanted = new Set(cloudIds);
    const [first] = wanted;
    if (first === undefined) return [];
    if (wanted.size === 1) return [await this.findSnapshot(first)].filter((found) => found !== null);
    return collectSnapshots(this.listSnapshots(), ({ cloudId }) => wanted.has(cloudId), wanted.size);
  }

  findSnapshotsOfDisk(cloudDiskId: string): Promise<readonly CloudSnapshot[]> {
    return collectSnapshots(listSnapshots(this.#client, cloudDiskId));
  }

  findSnapshotsByMarker(marker: string, cloudDiskId: string): Promise<readonly CloudSnapshot[]> {
    return collectSnapshots(listSnapshots(this.#client, cloudDiskId), (snapshot) => snapshot.marker === marker);
  }

  listSnapshots(): AsyncIterable<readonly CloudSnapshot[]> {
    return listSnapshots(this.#client);
  }
}
