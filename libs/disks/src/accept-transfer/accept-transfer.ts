import { everything, type LoadedStream } from '@strata/event-store';
import { OperationId, type BindingId, type ProjectId, type TransferId } from '@strata/kernel';
import {
  executeOperation,
  participationEvent,
  participationStream,
  planOperation,
  type ExecutedOperation,
} from '@strata/operations';
import { planRefused, type CommandPorts, type Planned, type WriteCall } from '@strata/projects';
import { v7 as newId } from 'uuid';
import { diskCharges } from '../disk/disk.charges.js';
import { diskOf, diskStream } from '../disk/disk.stream.js';
import { decideDisk } from '../disk/index.js';
import { recordOf } from '../disk.record.js';
import { transferOf, transfers, transferStream } from '../transfer/index.js';
import { isCode } from '../transfers/transfer-code.js';

export interface WantedTransfer {
  /** That receives. */
  readonly projectId: ProjectId;
  readonly transferId: TransferId;
  readonly code: string;
}

export type AcceptRefusal = {
  readonly type:
    | 'not-found'
    | 'project-without-cloud'
    | 'transfer-within-project'
    | 'transfer-between-clouds'
    | 'transfer-not-ready';
};

/**
 * The disk, its charges and the rest of its history go over to the project that accepts, in one append. Whoever knows the code
 * may read what is offered under it; that is looked at with the eyes of the process, and nothing of it is told but that the
 * disk came.
 */
export const acceptTransfer = (
  ports: CommandPorts,
  call: WriteCall,
  wanted: WantedTransfer,
): Promise<ExecutedOperation<AcceptRefusal>> => {
  const operationId = OperationId.parse(newId());
  return executeOperation<AcceptRefusal>(ports, call, {
    role: 'operator',
    projectId: wanted.projectId,
    streams: [],
    decide: async ({ project }) => {
      const offer = await offerUnder(ports, wanted);
      if (!offer) return planRefused({ type: 'not-found' });
      const bindingId = project?.bindingId ?? null;
      return bindingId === null
        ? planRefused({ type: 'project-without-cloud' })
        : planOf({ ...wanted, bindingId, operationId }, offer);
    },
  });
};

interface Offer {
  readonly transfer: LoadedStream;
  readonly disk: LoadedStream;
}

/** Absent, ended, or under another code: it makes no difference. */
const offerUnder = async (
  { store }: CommandPorts,
  { transferId, code }: WantedTransfer,
): Promise<Offer | undefined> => {
  const [transfer] = (await store.load({ sight: everything, streams: [transferStream(transferId)] })).streams;
  const known = transferOf(transfer);
  if (!transfer || known.status !== 'offered' || !isCode(code, known.codeHash)) return undefined;
  const [disk] = (await store.load({ sight: everything, streams: [diskStream(known.diskId)] })).streams;
  return disk && { transfer, disk };
};

interface Receipt extends WantedTransfer {
  readonly bindingId: BindingId;
  readonly operationId: OperationId;
}

const planOf = ({ projectId, bindingId, transferId, operationId }: Receipt, offer: Offer): Planned<AcceptRefusal> => {
  const [transfer, disk] = [transferOf(offer.transfer), diskOf(offer.disk)];
  const madeAt = recordOf(offer.disk.events)?.createdAt;
  if (transfer.status !== 'offered' || disk.life !== 'in-cloud' || madeAt === undefined)
    return planRefused({ type: 'not-found' });
  if (transfer.projectId === projectId) return planRefused({ type: 'transfer-within-project' });
  if (disk.bindingId !== bindingId) return planRefused({ type: 'transfer-between-clouds' });

  const received = decideDisk({ type: 'Receive', transferId, projectId, bindingId, operationId, madeAt }, disk);
  const charges = diskCharges.handOver(disk);
  const completed = transfers.decide({ type: 'Complete', operationId, charges }, transfer);
  // What stands against it is the other project's affair, blockers and all.
  if (!received.accepted || !completed.accepted) return planRefused({ type: 'transfer-not-ready' });

  const { diskId } = disk;
  const [kind, target] = ['disk.transfer', { type: 'disk', id: diskId }] as const;
  const told = [
    participationEvent('ParticipationBegan', { operationId, projectId: transfer.projectId, kind, target }),
    participationEvent('ParticipationEnded', { result: { diskId }, error: null }),
  ];
  const given = { projectId: transfer.projectId };
  return planOperation({
    ...{ operationId, kind, projectId, bindingId, target, input: { diskId }, participants: [projectId] },
    resources: [
      { stream: offer.transfer.stream, ...given, expectedVersion: offer.transfer.version, events: completed.events },
      { stream: participationStream(operationId), ...given, expectedVersion: 0, events: told },
      { stream: offer.disk.stream, projectId, expectedVersion: offer.disk.version, events: received.events },
    ],
    done: { diskId },
  });
};
