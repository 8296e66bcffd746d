import type { BindingId } from '@strata/kernel';
import { attachesDisks, type CloudKind, type CommandPorts } from '@strata/projects';
import type { BindingOffers } from '@strata/projects/http';
import type { DiskAction, DiskRefusal, KnownDisk } from '../disk/index.js';

export type AttachmentPorts = CommandPorts & { readonly offers: BindingOffers };

/** What is done by the service of servers. */
export const byServers: readonly DiskAction[] = ['attach', 'detach'];

/** Where the binding names no service of servers. */
export const notOffered =
  ({ offers }: AttachmentPorts) =>
  ({ bindingId }: KnownDisk): Promise<DiskRefusal | undefined> =>
    attachmentRefusal(offers, bindingId);

export const attachmentRefusal = async (
  offers: BindingOffers,
  bindingId: BindingId,
): Promise<DiskRefusal | undefined> =>
  (await offers.isWithheld('attach', bindingId)) ? { type: 'attach-not-offered' } : undefined;

/** What a disk is told at its beginning of the servers of its cloud. */
export const attachableIn = (kind: CloudKind | undefined): { readonly attachable?: false } =>
  kind === undefined || attachesDisks(kind) ? {} : { attachable: false };
