import { z } from 'zod';
import { CloudSilent } from '../../disk-cloud.js';
import type { CloudTransfer } from '../../transfer-cloud.js';
import { readBody } from '../../wire/texts.js';
import { mostTransferPages, transferPageSize } from '../../wire/transfer-words.js';
import { Links } from '../../wire/next-page.js';
import { readPages, type CinderList } from '../cinder-list.js';
import type { OpenstackClient } from '../openstack.client.js';
import { isTooNew } from '../openstack.faults.js';
import { listsByMarkers, OwnedTransfer, ownTransfer } from '../openstack.transfer-words.js';

const transfers: CinderList<OwnedTransfer> = {
  of: 'transfers',
  call: (query) => ({ method: 'GET', path: '/volume-transfers/detail', query, microversion: listsByMarkers }),
  page: z
    .object({ transfers: z.array(OwnedTransfer), transfers_links: Links })
    .transform(({ transfers: items, transfers_links: links }) => ({ items, links })),
};

/** `GET /volume-transfers/detail`, `/os-volume-transfer/detail` before. Those of one volume; the list knows no filter. */
export const listTransfersOfVolume = async (
  client: OpenstackClient,
  cloudDiskId: string,
): Promise<readonly CloudTransfer[]> => {
  const found: OwnedTransfer[] = [];
  for await (const page of pagesOf(client)) found.push(...page);
  return found
    .filter(({ volume_id }) => volume_id === cloudDiskId)
    .flatMap((transfer) => ownTransfer(client, transfer) ?? []);
};

/** To the end, by markers where the release knows them. */
async function* pagesOf(client: OpenstackClient): AsyncGenerator<readonly OwnedTransfer[]> {
  try {
    yield* readPages(client, transfers);
  } catch (error) {
    if (!(error instanceof CloudSilent) || !isTooNew(error.fault)) throw error;
    yield* pagesByOffset(client);
  }
}

/** A cloud may give fewer at a time than it was asked for, so that only an empty page is the end. */
async function* pagesByOffset(client: OpenstackClient): AsyncGenerator<readonly OwnedTransfer[]> {
  let offset = 0;
  for (let page = 0; page < mostTransferPages; page += 1) {
    const query = { limit: String(transferPageSize), offset: String(offset) };
    const answer = await client.readAnswer({ method: 'GET', path: '/os-volume-transfer/detail', query });
    const { items } = readBody(transfers.page, answer);
    if (items.length === 0) return;
    yield items;
    offset += items.length;
  }
}
