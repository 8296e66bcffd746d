import {
  accept,
  refuse,
  unreachable,
  type Charge,
  type Decider,
  type Decision,
  type DiskId,
  type OperationId,
  type ProjectId,
  type TransferId,
} from '@strata/kernel';
import { z } from 'zod';
import { transferEvent, type TransferEvent } from './transfer.events.js';

export const TransferStatus = z.enum(['offered', 'withdrawn', 'completed']);
export type TransferStatus = z.infer<typeof TransferStatus>;

interface Known {
  readonly transferId: TransferId;
  readonly diskId: DiskId;
  /** That gives. */
  readonly projectId: ProjectId;
  readonly codeHash: string;
}

export type Transfer =
  | { readonly status: 'absent' }
  | (Known & { readonly status: 'offered' })
  | (Known & { readonly status: 'withdrawn' })
  | (Known & { readonly status: 'completed'; readonly operationId: OperationId });

export type KnownTransfer = Exclude<Transfer, { status: 'absent' }>;

export type TransferCommand =
  | (Known & { readonly type: 'Offer' })
  | { readonly type: 'Withdraw' }
  /** `charges`: what the project that gives is rid of. */
  | { readonly type: 'Complete'; readonly operationId: OperationId; readonly charges: readonly Charge[] };

export type TransferRefusal =
  { readonly type: 'not-found' } | { readonly type: 'transfer-ended'; readonly transferStatus: TransferStatus };

type Decided = Decision<TransferEvent, TransferRefusal>;

/** Of what has ended nothing more is to be had. */
const whileOffered = (transfer: Transfer, event: TransferEvent): Decided => {
  if (transfer.status === 'absent') return refuse({ type: 'not-found' });
  if (transfer.status !== 'offered') return refuse({ type: 'transfer-ended', transferStatus: transfer.status });
  return accept<TransferEvent>(event);
};

const decide = (command: TransferCommand, transfer: Transfer): Decided => {
  switch (command.type) {
    case 'Offer': {
      const { type: _, ...offer } = command;
      return transfer.status === 'absent'
        ? accept<TransferEvent>(transferEvent('TransferOffered', offer))
        : accept<TransferEvent>();
    }
    case 'Withdraw':
      return transfer.status === 'withdrawn'
        ? accept<TransferEvent>()
        : whileOffered(transfer, transferEvent('TransferWithdrawn', {}));
    case 'Complete': {
      const { operationId, charges } = command;
      return whileOffered(transfer, transferEvent('TransferCompleted', { operationId }, charges));
    }
    default:
      return unreachable(command);
  }
};

const evolve = (transfer: Transfer, event: TransferEvent): Transfer => {
  if (event.type === 'TransferOffered') return { ...event.data, status: 'offered' };
  if (transfer.status === 'absent') return transfer;
  switch (event.type) {
    case 'TransferWithdrawn':
      return { ...transfer, status: 'withdrawn' };
    case 'TransferCompleted':
      return { ...transfer, status: 'completed', operationId: event.data.operationId };
    default:
      return unreachable(event);
  }
};

/** An offer of a disk to whoever knows its code, until it is withdrawn or accepted. */
export const transfers: Decider<Transfer, TransferCommand, TransferEvent, TransferRefusal> = {
  initial: { status: 'absent' },
  decide,
  evolve,
};
