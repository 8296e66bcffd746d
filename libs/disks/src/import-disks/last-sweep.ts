import type { BindingId } from '@strata/kernel';
import { type Catalogue, catalogueKinds } from '../cloud-catalogue/cloud-catalogue.js';

/** When the last sweep of the binding that ended had begun: what is known of its unknown disks may be as old. */
export interface LastSweep {
  /** RFC 3339, milliseconds. */
  readonly at: string;
  /** In seconds. */
  readonly age: number;
}

/** Null before the first. */
export const lastSweepOf = async (catalogue: Catalogue, bindingId: BindingId): Promise<LastSweep | null> => {
  const kept = (await catalogue.latest(bindingId)).find(({ kind }) => kind === catalogueKinds.sweep);
  if (kept === undefined) return null;
  const at = new Date(kept.fetchedAt);
  return { at: at.toISOString(), age: Math.max(0, Math.round((Date.now() - at.getTime()) / 1_000)) };
};
