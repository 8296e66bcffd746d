import { z } from 'zod';
import type { CloudTransfer } from '../../transfer-cloud.js';
import { silentFor } from '../../wire/service-client.js';
import { readBody } from '../../wire/texts.js';
import { segment, type OpenstackClient } from '../openstack.client.js';
import { isTooNew } from '../openstack.faults.js';
import { listsByMarkers, OwnedTransfer, ownTransfer } from '../openstack.transfer-words.js';

const Body = z.object({ transfer: OwnedTransfer });

/**
 * `GET /volume-transfers/{transfer_id}`, `/os-volume-transfer/{transfer_id}` before. null for one that is not there, and for one
 * of another project.
 */
export const showVolumeTransfer = async (
  client: OpenstackClient,
  transferId: string,
): Promise<CloudTransfer | null> => {
  const id = segment(transferId);
  const told = await client.read({ method: 'GET', path: `/volume-transfers/${id}`, microversion: listsByMarkers });
  const isOld = told.kind === 'refused' && isTooNew(told.fault);
  const answer = isOld ? await client.read({ method: 'GET', path: `/os-volume-transfer/${id}` }) : told;
  if (answer.kind === 'answered') return ownTransfer(client, readBody(Body, answer).transfer);
  if (answer.reason === 'not-found') return null;
  throw silentFor(answer);
};
