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

export const TransferStatus = z.enum(['offered', 'accepted', 'withdrawn', 'completed']);
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
  /** The cloud is at it. */
  | (Known & { readonly status: 'accepted'; readonly operationId: OperationId })
  | (Known & { readonly status: 'withdrawn' })
  | (Known & { readonly status: 'completed'; readonly operationId: OperationId });

export type KnownTransfer = Exclude<Transfer, { status: 'absent' }>;

export type TransferCommand =
  | (Known & { readonly type: 'Offer' })
  | { readonly type: 'Withdraw' }
  /** `charges`: of the disk in the project that gives, as in the next two. */
  | { readonly type: 'Accept'; readonly operationId: OperationId; readonly charges: readonly Charge[] }
  | { readonly type: 'RecordFailed'; readonly operationId: OperationId; readonly charges: readonly Charge[] }
  | { readonly type: 'Complete'; readonly operationId: OperationId; readonly charges: readonly Charge[] };

export type TransferRefusal =
  | { readonly type: 'not-found' }
  | { readonly type: 'transfer-ended'; readonly transferStatus: TransferStatus }
  | {
      readonly type: 'transfer-under-way';
      readonly blockers: readonly { readonly kind: 'operation'; readonly id: OperationId; readonly reason: string }[];
    };

type Decided = Decision<TransferEvent, TransferRefusal>;

/** Of what has ended nothing more is to be had. */
const whileOffered = (transfer: Transfer, event: TransferEvent): Decided => {
  switch (transfer.status) {
    case 'absent':
      return refuse({ type: 'not-found' });
    case 'offered':
      return accept<TransferEvent>(event);
    case 'accepted': {
      const blocker = {
        kind: 'operation',
        id: transfer.operationId,
        reason: 'brings the disk to another project',
      } as const;
      return refuse({ type: 'transfer-under-way', blockers: [blocker] });
    }
    case 'withdrawn':
    case 'completed':
      return refuse({ type: 'transfer-ended', transferStatus: transfer.status });
  }
};

const isBy = (operationId: OperationId, transfer: Transfer): boolean =>
  transfer.status === 'accepted' && transfer.operationId === operationId;

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
    case 'Accept': {
      const { operationId, charges } = command;
      return whileOffered(transfer, transferEvent('TransferAccepted', { operationId }, charges));
    }
    case 'RecordFailed': {
      const { operationId, charges } = command;
      return isBy(operationId, transfer)
        ? accept<TransferEvent>(transferEvent('TransferAcceptanceFailed', { operationId }, charges))
        : accept<TransferEvent>();
    }
    case 'Complete': {
      const { operationId, charges } = command;
      const completed = transferEvent('TransferCompleted', { operationId }, charges);
      return isBy(operationId, transfer) ? accept<TransferEvent>(completed) : whileOffered(transfer, completed);
    }
    default:
      return unreachable(command);
  }
};

const evolve = (transfer: Transfer, event: TransferEvent): Transfer => {
  if (event.type === 'TransferOffered') return { ...event.data, status: 'offered' };
  if (transfer.status === 'absent') return transfer;
  const { transferId, diskId, projectId, codeHash } = transfer;
  const known: Known = { transferId, diskId, projectId, codeHash };
  switch (event.type) {
    case 'TransferAccepted':
      return { ...known, status: 'accepted', operationId: event.data.operationId };
    case 'TransferAcceptanceFailed':
      return { ...known, status: 'offered' };
    case 'TransferWithdrawn':
      return { ...known, status: 'withdrawn' };
    case 'TransferCompleted':
      return { ...known, status: 'completed', operationId: event.data.operationId };
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
