import type { CloudTransfer } from '../../transfer-cloud.js';
import { mostTransferPages, TransferPage, transferPageSize } from '../../wire/transfer-words.js';
import type { OpenstackClient } from '../openstack.client.js';
import { readBody } from '../../wire/texts.js';

/**
 * `GET /os-volume-transfer/detail`. Those of one volume; the list knows no filter. A cloud may give fewer at a time than it was
 * asked for, so that only an empty page is the end.
 */
export const listTransfersOfVolume = async (
  client: OpenstackClient,
  cloudDiskId: string,
): Promise<readonly CloudTransfer[]> => {
  const found: CloudTransfer[] = [];
  let offset = 0;
  for (let page = 0; page < mostTransferPages; page += 1) {
    const query = { limit: String(transferPageSize), offset: String(offset) };
    const call = { method: 'GET', path: '/os-volume-transfer/detail', query } as const;
    const { transfers } = readBody(TransferPage, await client.readAnswer(call));
    found.push(...transfers.filter((transfer) => transfer.cloudDiskId === cloudDiskId));
    if (transfers.length === 0) break;
    offset += transfers.length;
  }
  return found;
};
