import { charge, type Charge, type Dimension } from '@strata/kernel';

export interface Extent {
  readonly type: string;
  readonly sizeGiB: number;
}

type Moment = (dimension: Dimension, n: number) => Charge;

const gigabytes = (moment: Moment, type: string, gib: number): readonly Charge[] =>
  gib === 0 ? [] : [moment('gigabytes', gib), moment(`gigabytes:${type}`, gib)];

/** One disk counts in four dimensions: number and size, each in all and per type (EVS reference §3). */
const whole =
  (moment: Moment) =>
  ({ type, sizeGiB }: Extent): readonly Charge[] => [
    moment('disks', 1),
    moment(`disks:${type}`, 1),
    ...gigabytes(moment, type, sizeGiB),
  ];

/** A change of size counts in gigabytes only. */
const size =
  (moment: Moment) =>
  (type: string, gib: number): readonly Charge[] =>
    gigabytes(moment, type, gib);

export const diskCharges = {
  hold: whole(charge.hold),
  confirm: whole(charge.confirm),
  unhold: whole(charge.unhold),
  release: whole(charge.release),
  free: whole(charge.free),
  keep: whole(charge.keep),
  handOver: whole(charge.handOver),
  takeOver: whole(charge.takeOver),
  observe: whole(charge.observe),
  /** In use no more, and promised anew. */
  renew: whole((dimension, n) => charge.confirm(dimension, -n)),
} as const;

/** Counted by type alone: a disk that changes its type stays one disk of its size (architecture §4). */
const byType =
  (moment: Moment) =>
  ({ type, sizeGiB }: Extent): readonly Charge[] => [moment(`disks:${type}`, 1), moment(`gigabytes:${type}`, sizeGiB)];

const notUsed = (dimension: Dimension, n: number): Charge => charge.observe(dimension, -n);

export const typeCharges = {
  hold: byType(charge.hold),
  confirm: byType(charge.confirm),
  unhold: byType(charge.unhold),
  /** The type that the disk had is in use no more. */
  leave: byType(notUsed),
} as const;

/** What is in use moved to another type, and perhaps another size, without a promise before. */
export const observedMove = (from: Extent, to: Extent): readonly Charge[] => [
  charge.observe(`disks:${from.type}`, -1),
  charge.observe(`disks:${to.type}`, 1),
  ...(from.sizeGiB === to.sizeGiB ? [] : [charge.observe('gigabytes', to.sizeGiB - from.sizeGiB)]),
  charge.observe(`gigabytes:${from.type}`, -from.sizeGiB),
  charge.observe(`gigabytes:${to.type}`, to.sizeGiB),
];

export const sizeCharges = {
  hold: size(charge.hold),
  confirm: size(charge.confirm),
  unhold: size(charge.unhold),
  observe: size(charge.observe),
} as const;

/** What is held for an extension or a retype whose end nobody has seen. */
export const undecidedCharges = ({
  type,
  undecidedGiB,
  undecidedMove,
}: {
  readonly type: string;
  readonly undecidedGiB: number;
  readonly undecidedMove?: Extent | null;
}): readonly Charge[] => [
  ...sizeCharges.unhold(type, undecidedGiB),
  ...(undecidedMove ? typeCharges.unhold(undecidedMove) : []),
];
