import { ProjectId, SnapshotId } from '@strata/kernel';
import { z } from 'zod';

/** The address of a snapshot. */
export const snapshotParams = z.strictObject({ projectId: ProjectId, snapshotId: SnapshotId });

/** What every command about a snapshot that exists may be answered with. */
export const snapshotCommandProblems = [
  'forbidden',
  'snapshot-busy',
  'snapshot-not-ready',
  'idempotency-mismatch',
  'version-conflict',
  'concurrent-change',
] as const;
