import type { CloudTransfer } from '../../transfer-cloud.js';
import { mostTransferPages, TransferPage, transferPageSize } from '../../wire/transfer-words.js';
import type { EvsClient } from '../evs.client.js';
import { readBody } from '../../wire/texts.js';

/** C9. Those of one disk; the list knows no filter. */
export const queryTransfersOfDisk = async (
  client: EvsClient,
  cloudDiskId: string,
): Promise<readonly CloudTransfer[]> => {
  const found: CloudTransfer[] = [];
  for (let page = 0; page < mostTransferPages; page += 1) {
    const query = { limit: String(transferPageSize), offset: String(page * transferPageSize) };
    const call = { method: 'GET', version: 'v2', path: '/os-volume-transfer/detail', query } as const;
    const { transfers } = readBody(TransferPage, await client.readAnswer(call));
    found.push(...transfers.filter((transfer) => transfer.cloudDiskId === cloudDiskId));
    if (transfers.length < transferPageSize) break;
  }
  return found;
};
