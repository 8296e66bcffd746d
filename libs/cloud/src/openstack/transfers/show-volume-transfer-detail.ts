import type { CloudTransfer } from '../../transfer-cloud.js';
import { silentFor } from '../../wire/service-client.js';
import { OneTransfer } from '../../wire/transfer-words.js';
import { segment, type OpenstackClient } from '../openstack.client.js';
import { readBody } from '../../wire/texts.js';

/** `GET /os-volume-transfer/{transfer_id}`. */
export const showVolumeTransfer = async (
  client: OpenstackClient,
  transferId: string,
): Promise<CloudTransfer | null> => {
  const path = `/os-volume-transfer/${segment(transferId)}`;
  const answer = await client.read({ method: 'GET', path });
  if (answer.kind === 'answered') return readBody(OneTransfer, answer).transfer;
  if (answer.reason === 'not-found') return null;
  throw silentFor(answer);
};
