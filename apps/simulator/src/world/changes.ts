import type { QuotaLimits } from '../options.js';
import type { AccessKey } from './access-key.js';
import type { ClockSetting } from './clock.js';
import type { ImageChange } from './image-shelf.js';
import type { Job } from './job.js';
import type { Snapshot } from './snapshot.js';
import type { Server } from './server.js';
import type { TransferChange } from './transfer.js';
import type { Volume } from './volume.js';

export interface Token {
  readonly value: string;
  readonly userId: string;
  /** Null: a token of the domain, good for IAM only. */
  readonly projectId: string | null;
  readonly issuedMs: number;
  readonly expiresMs: number;
}

/** What happens to the world from outside. What time does to it is not among these: it follows from them. */
export type Change =
  | { readonly kind: 'clock'; readonly clock: ClockSetting }
  | { readonly kind: 'zone'; readonly name: string; readonly available: boolean }
  | { readonly kind: 'project'; readonly id: string; readonly name: string; readonly quota: QuotaLimits }
  | { readonly kind: 'token'; readonly token: Token }
  | { readonly kind: 'token-revoked'; readonly value: string }
  | { readonly kind: 'access-key'; readonly key: AccessKey }
  | {
      readonly kind: 'accepted';
      readonly volumes: readonly Volume[];
      readonly jobs: readonly Job[];
      readonly snapshots?: readonly Snapshot[];
    }
  | { readonly kind: 'removed'; readonly volumeId: string }
  | { readonly kind: 'snapshot-removed'; readonly snapshotId: string }
  | { readonly kind: 'server'; readonly server: Server }
  | { readonly kind: 'server-removed'; readonly projectId: string; readonly serverId: string }
  /** All servers of a project, in place of those that it had. */
  | { readonly kind: 'servers'; readonly projectId: string; readonly servers: readonly Server[] }
  | ImageChange
  | TransferChange
  | { readonly kind: 'reset' };

/** A change as an older simulator wrote it down, with what has been added to disks since. */
export const upgraded = (change: Change): Change =>
  change.kind === 'accepted'
    ? { ...change, volumes: change.volumes.map((volume) => ({ ...unattached, ...volume })) }
    : change;

const unattached: Pick<Volume, 'attachments'> = { attachments: [] };

/** A change and the simulated time at which it happened. */
export interface JournalEntry {
  readonly atMs: number;
  readonly change: Change;
}
