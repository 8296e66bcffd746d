import type { Sent, WriteOptions } from '../disk-cloud.js';
import { TransferCloud, type CloudTransfer, type Offered, type TransferKey } from '../transfer-cloud.js';
import type { EvsClient } from './evs.client.js';
import { acceptDiskTransfer } from './transfers/accept-disk-transfer.js';
import { createDiskTransfer } from './transfers/create-disk-transfer.js';
import { deleteDiskTransfer } from './transfers/delete-disk-transfer.js';
import { queryTransfersOfDisk } from './transfers/query-all-disk-transfers.js';
import { queryDiskTransfer } from './transfers/query-disk-transfer.js';

/** The transfers of EVS, on the token and connections of its disks. */
export class EvsTransferCloud extends TransferCloud {
  readonly #client: EvsClient;

  constructor(client: EvsClient) {
    super();
    this.#client = client;
  }

  offerDisk(cloudDiskId: string, name: string, options: WriteOptions): Promise<Offered> {
    return createDiskTransfer(this.#client, cloudDiskId, name, options);
  }

  acceptDisk(transferId: string, key: TransferKey, options: WriteOptions): Promise<Sent> {
    return acceptDiskTransfer(this.#client, transferId, key, options);
  }

  takeBack(transferId: string, options: WriteOptions): Promise<Sent> {
    return deleteDiskTransfer(this.#client, transferId, options);
  }

  findTransfer(transferId: string): Promise<CloudTransfer | null> {
    return queryDiskTransfer(this.#client, transferId);
  }

  findTransfersOfDisk(cloudDiskId: string): Promise<readonly CloudTransfer[]> {
    return queryTransfersOfDisk(this.#client, cloudDiskId);
  }
}
