import { DiskId, newEvent, OperationId, ProjectId, TransferId, type EventMaker, type EventOf } from '@strata/kernel';
import { z } from 'zod';

/** Every event of a transfer's stream, which lies in the project that gives, with the schema of each version ever written. */
export const transferEventSchemas = {
  /** `codeHash`: SHA-256 of the code that whoever accepts must know, hex. */
  TransferOffered: {
    1: z.strictObject({ transferId: TransferId, diskId: DiskId, projectId: ProjectId, codeHash: z.string() }),
  },
  /** The cloud is bringing the disk over; until that has ended it counts here as on its way out. */
  TransferAccepted: { 1: z.strictObject({ operationId: OperationId }) },
  /** It came to nothing: the disk is offered as before. */
  TransferAcceptanceFailed: { 1: z.strictObject({ operationId: OperationId }) },
  TransferWithdrawn: { 1: z.strictObject({}) },
  /** The disk lies in the other project from now on, and so do its charges. */
  TransferCompleted: { 1: z.strictObject({ operationId: OperationId }) },
} as const;

export type TransferEvent = EventOf<typeof transferEventSchemas>;
export type TransferEventOf<Type extends TransferEvent['type']> = EventOf<typeof transferEventSchemas, Type>;

export const transferEvent: EventMaker<typeof transferEventSchemas> = newEvent;
