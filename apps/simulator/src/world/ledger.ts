import type { QuotaLimits } from '../options.js';
import type { Volume } from './volume.js';

export interface Usage {
  readonly reserved: number;
  readonly inUse: number;
}

export interface Charge {
  readonly volumes: number;
  readonly gigabytes: number;
}

const unlimited = -1;

/** What a disk holds of the quota: claimed while it is made or grows, in use from then on until it is gone (EVS reference §3). */
const chargesOf = (volume: Volume): { readonly reserved: Charge; readonly inUse: Charge } => {
  const whole = { volumes: 1, gigabytes: volume.size };
  const nothing = { volumes: 0, gigabytes: 0 };
  if (volume.status === 'creating') return { reserved: whole, inUse: nothing };
  const growth = volume.transition?.kind === 'extend' ? volume.transition.newSize - volume.size : 0;
  return { reserved: { volumes: 0, gigabytes: growth }, inUse: whole };
};

/** The quota of one cloud project: limits as set, usage always the sum over its disks. */
export class Ledger {
  private readonly usage = new Map<string, { reserved: number; inUse: number }>();

  constructor(public limits: QuotaLimits) {}

  limit(key: string): number {
    return this.limits[key] ?? unlimited;
  }

  of(key: string): Usage {
    return this.usage.get(key) ?? { reserved: 0, inUse: 0 };
  }

  replace(before: Volume | null, after: Volume | null): void {
    if (before) this.add(before, -1);
    if (after) this.add(after, 1);
  }

  /** The first dimension that `more` would carry past its limit: counts before capacity, totals before types. */
  exceededBy(more: Charge, volumeType: string): 'volumes' | 'gigabytes' | null {
    for (const dimension of ['volumes', 'gigabytes'] as const) {
      for (const key of [dimension, `${dimension}_${volumeType}`]) {
        const limit = this.limit(key);
        const { reserved, inUse } = this.of(key);
        if (more[dimension] > 0 && limit !== unlimited && reserved + inUse + more[dimension] > limit) return dimension;
      }
    }
    return null;
  }

  private add(volume: Volume, sign: 1 | -1): void {
    const { reserved, inUse } = chargesOf(volume);
    for (const dimension of ['volumes', 'gigabytes'] as const) {
      for (const key of [dimension, `${dimension}_${volume.volumeType}`]) {
        const row = this.usage.get(key) ?? { reserved: 0, inUse: 0 };
        row.reserved += sign * reserved[dimension];
        row.inUse += sign * inUse[dimension];
        this.usage.set(key, row);
      }
    }
  }
}
