import { covers, type Operation } from '../http/operation.js';
import type { FaultKind, FaultOf, FaultsBody, FaultSpec } from './fault.js';

/** What a fault can be about. */
export interface Subject {
  readonly operation: Operation;
  readonly projectId: string;
  /** The name of the disk or snapshot; null where the call is not about one, or it has none. */
  readonly diskName: string | null;
}

interface Active {
  readonly spec: FaultSpec;
  readonly name: RegExp | null;
  readonly random: () => number;
  fired: number;
}

/** Mulberry32: small, and the same numbers for the same seed on every machine. */
const randomFrom = (seed: number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** True when a fault names the operation itself, not merely fails to exclude it. */
const namesOperation = (spec: FaultSpec, operation: Operation): boolean =>
  [spec.match?.operation ?? []].flat().some((pattern) => covers(pattern, operation));

/** The faults that are switched on. In the order given, the first that matches and comes up fires. */
export class FaultSet {
  private active: Active[] = [];

  replace({ faults, seed = 1 }: FaultsBody): void {
    this.active = faults.map((spec, index) => ({
      spec,
      name: spec.match?.name === undefined ? null : new RegExp(spec.match.name, 'u'),
      random: randomFrom((spec.seed ?? seed) + (spec.seed === undefined ? index * 7_919 : 0)),
      fired: 0,
    }));
  }

  clear(): void {
    this.active = [];
  }

  list(): readonly (FaultSpec & { readonly fired: number })[] {
    return this.active.map(({ spec, fired }) => ({ ...spec, fired }));
  }

  fire<Kind extends FaultKind>(kinds: readonly Kind[], subject: Subject): FaultOf<Kind> | null {
    return this.fireWhere(kinds, subject, () => true);
  }

  /** As `fire`, for faults whose `match` names the operation: those that hold for another moment of the call otherwise. */
  fireNamed<Kind extends FaultKind>(kinds: readonly Kind[], subject: Subject): FaultOf<Kind> | null {
    return this.fireWhere(kinds, subject, (spec) => namesOperation(spec, subject.operation));
  }

  private fireWhere<Kind extends FaultKind>(
    kinds: readonly Kind[],
    subject: Subject,
    wanted: (spec: FaultSpec) => boolean,
  ): FaultOf<Kind> | null {
    for (const fault of this.active) {
      const { spec } = fault;
      if (!isOf(spec, kinds) || !wanted(spec) || !matches(fault, subject)) continue;
      if (fault.fired >= (spec.times ?? Infinity) || fault.random() >= (spec.probability ?? 1)) continue;
      fault.fired += 1;
      return spec;
    }
    return null;
  }
}

const isOf = <Kind extends FaultKind>(spec: FaultSpec, kinds: readonly Kind[]): spec is FaultOf<Kind> =>
  kinds.some((kind) => kind === spec.kind);

const matches = ({ spec, name }: Active, subject: Subject): boolean => {
  const { operation, cloudProjectId } = spec.match ?? {};
  if (operation !== undefined && !namesOperation(spec, subject.operation)) return false;
  if (cloudProjectId !== undefined && cloudProjectId !== subject.projectId) return false;
  return name === null || (subject.diskName !== null && name.test(subject.diskName));
};
