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
  /** §10.9: too little quota is told by a code of its own, by a 413, or, where EVS makes the disk, by a job that fails and leaves nothing. */
  overQuota: z.enum(['named', 'over-limit', 'by-job']),
  /** §10.10: the fault of Cinder's layer is called `badRequest` or `badrequest` … */
  faultNames: z.enum(['camel-case', 'lower-case']),
  /** … and its code is a number or a text. */
  faultCodes: z.enum(['number', 'text']),
  /** §10.11: `encrypted` is said to be unsupported, and stands in the examples of lists. */
  encryptedInLists: z.enum(['shown', 'absent']),
  /** §10.13: the sample numbers a batch from -0001, the text from -0000. */
  batchNumbers: z.enum(['from-1', 'from-0']),
  /** §10.16: the page on quotas has no keys for GPSSD; upstream has three for each type. */
  gpssdQuota: z.enum(['shown', 'absent']),
  /** §10.18: `os-set_bootable` answers 200, the actions beside it 202. */
  setBootable: z.enum(['200', '202']),
  /** §10.19: one sample of a snapshot has a small t in the time. */
  snapshotTimes: z.enum(['upper-case', 'lower-case']),
});
export type Readings = z.infer<typeof Readings>;

export const DEFAULT_READINGS: Readings = {
  snapshotOfInUse: 'free',
  snapshotLimit: 'EVS.5400',
  rollback: 'offered',
  batchFromSnapshot: 'allowed',
  retypeTarget: 'by-table',
  retypeStatus: 'retyping',
  overQuota: 'named',
  faultNames: 'camel-case',
  faultCodes: 'number',
  encryptedInLists: 'shown',
  batchNumbers: 'from-1',
  gpssdQuota: 'shown',
  setBootable: '200',
  snapshotTimes: 'upper-case',
};
