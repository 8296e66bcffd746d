import type { z } from 'zod';
import type { CloudTransfer } from '../transfer-cloud.js';
import { OptionalText } from '../wire/texts.js';
import { transferOf, VolumeTransfer } from '../wire/transfer-words.js';
import type { OpenstackClient } from './openstack.client.js';

/**
 * Since this version `/volume-transfers` lists by markers; since an earlier one it is there, and each names the project that gives.
 * A release that knows the version takes every parameter of `/os-volume-transfer/detail` for a filter that nothing fits.
 */
export const listsByMarkers = '3.59';

export const OwnedTransfer = VolumeTransfer.extend({
  /** An admin of the cloud is shown those of every project. Null: from before it was kept. */
  source_project_id: OptionalText,
});
export type OwnedTransfer = z.infer<typeof OwnedTransfer>;

/** null for what another project gives. */
export const ownTransfer = ({ projectId }: OpenstackClient, transfer: OwnedTransfer): CloudTransfer | null =>
  (transfer.source_project_id ?? projectId) === projectId ? transferOf(transfer) : null;
