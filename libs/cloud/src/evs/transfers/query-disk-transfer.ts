import type { CloudTransfer } from '../../transfer-cloud.js';
import { silentFor } from '../../wire/service-client.js';
import { OneTransfer } from '../../wire/transfer-words.js';
import { segment, type EvsClient } from '../evs.client.js';
import { readBody } from '../../wire/texts.js';

/** C9. */
export const queryDiskTransfer = async (client: EvsClient, transferId: string): Promise<CloudTransfer | null> => {
  const path = `/os-volume-transfer/${segment(transferId)}`;
  const answer = await client.read({ method: 'GET', version: 'v2', path });
  if (answer.kind === 'answered') return readBody(OneTransfer, answer).transfer;
  if (answer.reason === 'not-found') return null;
  throw silentFor(answer);
};
