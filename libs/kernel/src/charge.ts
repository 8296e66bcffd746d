import { z } from 'zod';

/**
 * What quota counts: `disks`, `gigabytes`, both also per type (`disks:SSD`), `snapshots`, `backups`, `backup_gigabytes`.
 * `per_disk_gigabytes` is a bound on one disk, never charged.
 */
export const Dimension = z
  .string()
  .regex(
    /^(?:(?:disks|gigabytes)(?::[A-Za-z0-9_.-]{1,64})?|snapshots|backups|backup_gigabytes|per_disk_gigabytes)$/,
    'must be disks, gigabytes, disks:<type>, gigabytes:<type>, snapshots, backups, backup_gigabytes or per_disk_gigabytes',
  );
export type Dimension = z.infer<typeof Dimension>;

/** A signed change of one dimension. Charged is the sum of the three; `available` = limit − charged. */
export interface Charge {
  readonly dimension: Dimension;
  readonly held: number;
  readonly used: number;
  readonly releasing: number;
}

export interface Figures {
  readonly held: number;
  readonly used: number;
  readonly releasing: number;
}

const amounts = (dimension: Dimension, figures: Partial<Figures>): Charge => ({
  dimension,
  held: 0,
  used: 0,
  releasing: 0,
  ...figures,
});

/** The moments of architecture §4, each for `n` units of a dimension. */
export const charge = {
  /** A command was accepted: the units are promised. */
  hold: (dimension: Dimension, n: number) => amounts(dimension, { held: n }),
  /** The cloud confirmed: what was promised is in use. */
  confirm: (dimension: Dimension, n: number) => amounts(dimension, { held: -n, used: n }),
  /** Nothing came of it and nothing is left in the cloud. */
  unhold: (dimension: Dimension, n: number) => amounts(dimension, { held: -n }),
  /** A deletion was accepted: still charged until absence is observed. */
  release: (dimension: Dimension, n: number) => amounts(dimension, { used: -n, releasing: n }),
  /** Absence was observed. */
  free: (dimension: Dimension, n: number) => amounts(dimension, { releasing: -n }),
  /** The deletion failed: it is in use as before. */
  keep: (dimension: Dimension, n: number) => amounts(dimension, { used: n, releasing: -n }),
  /** Another project's from now on, in the same append with what it takes over there. */
  handOver: (dimension: Dimension, n: number) => amounts(dimension, { used: -n }),
  takeOver: (dimension: Dimension, n: number) => amounts(dimension, { used: n }),
  /** In use without a promise before (found, or changed behind our back); negative when it shrank. */
  observe: (dimension: Dimension, n: number) => amounts(dimension, { used: n }),
} as const;

export const charged = (figures: Figures): number => figures.held + figures.used + figures.releasing;

/** Unlimited is its own value, never a large number. */
export const Limit = z.union([z.literal('unlimited'), z.int().min(0).max(Number.MAX_SAFE_INTEGER)]);
export type Limit = z.infer<typeof Limit>;
