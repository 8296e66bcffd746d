import type { QuotaLimits } from '../options.js';
import type { ClockSetting } from './clock.js';
import type { Job } from './job.js';
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
  | { readonly kind: 'accepted'; readonly volumes: readonly Volume[]; readonly jobs: readonly Job[] }
  | { readonly kind: 'removed'; readonly volumeId: string }
  | { readonly kind: 'reset' };

/** A change and the simulated time at which it happened. */
export interface JournalEntry {
  readonly atMs: number;
  readonly change: Change;
}
