import { charge, type Charge, type Dimension } from '@strata/kernel';
import type { Extent } from './snapshot.events.js';

type Moment = (dimension: Dimension, n: number) => Charge;

/** One snapshot, and the size of its disk, in all and per type, as disks count it (EVS reference §3). */
const whole =
  (moment: Moment) =>
  ({ sizeGiB, type }: Extent): readonly Charge[] => [
    moment('snapshots', 1),
    moment('gigabytes', sizeGiB),
    moment(`gigabytes:${type}`, sizeGiB),
  ];

export const snapshotCharges = {
  hold: whole(charge.hold),
  confirm: whole(charge.confirm),
  unhold: whole(charge.unhold),
  release: whole(charge.release),
  free: whole(charge.free),
  keep: whole(charge.keep),
  appear: whole(charge.observe),
  vanish: whole((dimension, n) => charge.observe(dimension, -n)),
} as const;
