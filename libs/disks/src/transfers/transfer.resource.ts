import { DiskId, OperationId, ProjectId, TransferId } from '@strata/kernel';
import { z } from 'zod';
import { TransferStatus } from '../transfer/index.js';
import type { TransferRecord } from './transfer.record.js';

const Time = z.iso.datetime({ precision: 3 });

export const TransferResource = z
  .strictObject({
    id: TransferId,
    /** That gives the disk. */
    projectId: ProjectId,
    diskId: DiskId,
    status: TransferStatus,
    /** The operation that brings it to whoever accepted, or has brought it. */
    operationId: OperationId.nullable(),
    createdAt: Time,
    updatedAt: Time,
    version: z.int(),
  })
  .meta({ id: 'Transfer' });
export type TransferResource = z.infer<typeof TransferResource>;

export const showTransfer = ({ transfer, createdAt, updatedAt, version }: TransferRecord): TransferResource => {
  const { transferId: id, projectId, diskId, status } = transfer;
  const operationId = 'operationId' in transfer ? transfer.operationId : null;
  return { id, projectId, diskId, status, operationId, createdAt, updatedAt, version };
};
