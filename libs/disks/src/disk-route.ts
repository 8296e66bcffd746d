import { DiskId, ProjectId } from '@strata/kernel';
import { z } from 'zod';

/** The address of a disk. */
export const diskParams = z.strictObject({ projectId: ProjectId, diskId: DiskId });

/** What every command about a disk that exists may be answered with. */
export const diskCommandProblems = [
  'forbidden',
  'disk-busy',
  'disk-not-ready',
  'idempotency-mismatch',
  'version-conflict',
  'concurrent-change',
] as const;
