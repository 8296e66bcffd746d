import type { QuotaLimits } from '../options.js';
import type { Snapshot } from './snapshot.js';
import type { Volume } from './volume.js';

export interface Usage {
  readonly reserved: number;
  readonly inUse: number;
}

const dimensions = ['volumes', 'snapshots', 'gigabytes'] as const;
export type Dimension = (typeof dimensions)[number];

/** Dimensions left out are not touched. */
export type Charge = Readonly<Partial<Record<Dimension, number>>>;

/** What one resource holds of the quota, in the totals and on its disk type. */
export interface Holding {
  readonly volumeType: string;
  readonly reserved: Charge;
  readonly inUse: Charge;
  /** Claimed of another type alone, while a disk moves there: the totals stay. */
  readonly moving?: { readonly volumeType: string; readonly reserved: Charge };
}

const unlimited = -1;

/** Claimed while it is made, in use from then on until it is gone (EVS reference §3). */
const whole = (volumeType: string, charge: Charge, isCreating: boolean): Holding =>
  isCreating ? { volumeType, reserved: charge, inUse: {} } : { volumeType, reserved: {}, inUse: charge };

/** A disk holds itself, and claims what it grows by. */
export const heldByDisk = (volume: Volume): Holding => {
  const { volumeType, size, status, transition } = volume;
  const isCreating = status === 'creating' || status === 'downloading';
  const holding = whole(volumeType, { volumes: 1, gigabytes: size }, isCreating);
  switch (transition?.kind) {
    case 'extend':
      return { ...holding, reserved: { gigabytes: transition.newSize - size } };
    case 'retype':
      return { ...holding, moving: { volumeType: transition.newType, reserved: { volumes: 1, gigabytes: size } } };
    default:
      return holding;
  }
};

/** A snapshot counts in `gigabytes` too, with the whole size of its disk (EVS reference §3). */
export const heldBySnapshot = ({ volumeType, size, status }: Snapshot): Holding =>
  whole(volumeType, { snapshots: 1, gigabytes: size }, status === 'creating');

const exceeded = (more: Charge, isExceeded: (dimension: Dimension, wanted: number) => boolean): Dimension | null =>
  dimensions.find((dimension) => isExceeded(dimension, more[dimension] ?? 0)) ?? null;

/** The quota of one cloud project: limits as set, usage always the sum over its disks and snapshots. */
export class Ledger {
  private readonly usage = new Map<string, { reserved: number; inUse: number }>();

  constructor(public limits: QuotaLimits) {}

  limit(key: string): number {
    return this.limits[key] ?? unlimited;
  }

  of(key: string): Usage {
    return this.usage.get(key) ?? { reserved: 0, inUse: 0 };
  }

  replace(before: Holding | null, after: Holding | null): void {
    if (before) this.add(before, -1);
    if (after) this.add(after, 1);
  }

  /** The first dimension that `more` would carry past its limit: counts before capacity, totals before types. */
  exceededBy(more: Charge, volumeType: string): Dimension | null {
    return exceeded(more, (dimension, wanted) =>
      [dimension, `${dimension}_${volumeType}`].some((key) => this.hasNoRoom(key, wanted)),
    );
  }

  /** As `exceededBy`, for what counts by its type alone. */
  exceededOfType(more: Charge, volumeType: string): Dimension | null {
    return exceeded(more, (dimension, wanted) => this.hasNoRoom(`${dimension}_${volumeType}`, wanted));
  }

  private hasNoRoom(key: string, wanted: number): boolean {
    const limit = this.limit(key);
    const { reserved, inUse } = this.of(key);
    return wanted > 0 && limit !== unlimited && reserved + inUse + wanted > limit;
  }

  private add({ volumeType, reserved, inUse, moving }: Holding, sign: 1 | -1): void {
    for (const dimension of dimensions) {
      for (const key of [dimension, `${dimension}_${volumeType}`])
        this.count(key, sign * (reserved[dimension] ?? 0), sign * (inUse[dimension] ?? 0));
      if (moving) this.count(`${dimension}_${moving.volumeType}`, sign * (moving.reserved[dimension] ?? 0), 0);
    }
  }

  private count(key: string, reserved: number, inUse: number): void {
    const row = this.usage.get(key) ?? { reserved: 0, inUse: 0 };
    row.reserved += reserved;
    row.inUse += inUse;
    this.usage.set(key, row);
  }
}
