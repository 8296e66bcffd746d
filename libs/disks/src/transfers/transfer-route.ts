import { ProjectId, TransferId } from '@strata/kernel';
import { z } from 'zod';

/** The address of a transfer in the project that gives. */
export const transferParams = z.strictObject({ projectId: ProjectId, transferId: TransferId });
