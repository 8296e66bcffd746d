import { z } from 'zod';

/** Where the documents contradict each other or leave a choice open (EVS reference §10): how this simulator reads them. The first of each is the default. */
export const Readings = z.strictObject({
  /** §1.7: whether a snapshot of an attached disk needs `force`. The API page asks for it only while `attaching`; the field reports EVS.5400. */
  snapshotOfInUse: z.enum(['free', 'needs-force']),
  /** §11: the code of the eighth manual snapshot of a disk is not documented. */
  snapshotLimit: z.enum(['EVS.5400', 'over-limit']),
  /** §1.7: the page on it was removed and the calls are announced again. */
  rollback: z.enum(['offered', 'not-offered']),
  /** §10: the API pages limit a batch only where it comes from a backup, the user guide also where from a snapshot. */
  batchFromSnapshot: z.enum(['allowed', 'refused']),
  /** §10.8: the table of the user guide has ways down; the text of EVS.2087 wants a higher type. */
  retypeTarget: z.enum(['by-table', 'higher-only']),
  /** §10.8: how a disk that changes its type is called is not documented; upstream says `retyping`. */
  retypeStatus: z.enum(['retyping', 'changing-disk-type']),
});
export type Readings = z.infer<typeof Readings>;

export const DEFAULT_READINGS: Readings = {
  snapshotOfInUse: 'free',
  snapshotLimit: 'EVS.5400',
  rollback: 'offered',
  batchFromSnapshot: 'allowed',
  retypeTarget: 'by-table',
  retypeStatus: 'retyping',
};
