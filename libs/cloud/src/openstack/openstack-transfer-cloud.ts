import type { Sent, WriteOptions } from '../disk-cloud.js';
import { TransferCloud, type CloudTransfer, type Offered, type TransferKey } from '../transfer-cloud.js';
import type { OpenstackClient } from './openstack.client.js';
import { acceptVolumeTransfer } from './transfers/accept-a-volume-transfer.js';
import { createVolumeTransfer } from './transfers/create-a-volume-transfer.js';
import { deleteVolumeTransfer } from './transfers/delete-a-volume-transfer.js';
import { listTransfersOfVolume } from './transfers/list-volume-transfers-with-details.js';
import { showVolumeTransfer } from './transfers/show-volume-transfer-detail.js';

/** The volume transfers of Cinder, on the token and connections of its disks. */
export class OpenstackTransferCloud extends TransferCloud {
  readonly #client: OpenstackClient;

  constructor(client: OpenstackClient) {
    super();
    this.#client = client;
  }

  offerDisk(cloudDiskId: string, name: string, options: WriteOptions): Promise<Offered> {
    return createVolumeTransfer(this.#client, cloudDiskId, name, options);
  }

  acceptDisk(transferId: string, key: TransferKey, options: WriteOptions): Promise<Sent> {
    return acceptVolumeTransfer(this.#client, transferId, key, options);
  }

  takeBack(transferId: string, options: WriteOptions): Promise<Sent> {
    return deleteVolumeTransfer(this.#client, transferId, options);
  }

  findTransfer(transferId: string): Promise<CloudTransfer | null> {
    return showVolumeTransfer(this.#client, transferId);
  }

  findTransfersOfDisk(cloudDiskId: string): Promise<readonly CloudTransfer[]> {
    return listTransfersOfVolume(this.#client, cloudDiskId);
  }
}
