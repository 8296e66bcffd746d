import { everything, type LoadedStream } from '@strata/event-store';
import { fold, OperationId, type BindingId, type ProjectId, type TransferId } from '@strata/kernel';
import {
  executeOperation,
  participationEvent,
  participationStream,
  planOperation,
  type ExecutedOperation,
} from '@strata/operations';
import {
  binding,
  planRefused,
  type Access,
  type BindingEvent,
  type CommandPorts,
  type Planned,
  type WriteCall,
} from '@strata/projects';
import { v7 as newId } from 'uuid';
import { boundPassedBy } from '../cloud-catalogue/size-bound.js';
import { diskCharges } from '../disk/disk.charges.js';
import { diskOf, diskStream } from '../disk/disk.stream.js';
import { decideDisk, type CloudKnownDisk } from '../disk/index.js';
import { recordOf } from '../disk.record.js';
import { transferOf, transfers, transferStream, type KnownTransfer } from '../transfer/index.js';
import { isCode } from '../transfers/transfer-code.js';
import { wayBetween, type Way } from './way-between.js';

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
 * The disk, its charges and the rest of its history go over to the project that accepts: in this very append where the disk stays
 * in its cloud project, else when a worker has seen it in the other one. Whoever knows the code may read what is offered under
 * it; that is looked at with the eyes of the process, and nothing of it is told but that the disk came.
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
      if (bindingId === null) return planRefused({ type: 'project-without-cloud' });
      if (offer.transfer.projectId === wanted.projectId) return planRefused({ type: 'transfer-within-project' });
      const way = await wayTo(ports, offer.disk.bindingId, bindingId);
      const planned = planOf({ ...wanted, bindingId, operationId }, offer, way);
      if (!planned.accepted) return planned;
      const over = await boundPassedBy(ports.ledger, offer.disk.sizeGiB, wanted.projectId);
      return over ? planRefused(over) : planned;
    },
  });
};

interface Offer {
  readonly transfer: KnownTransfer;
  readonly disk: CloudKnownDisk;
  /** RFC 3339 with milliseconds. */
  readonly madeAt: string;
  readonly streams: { readonly transfer: LoadedStream; readonly disk: LoadedStream };
}

/** Absent, ended, or under another code: it makes no difference. */
const offerUnder = async (
  { store }: CommandPorts,
  { transferId, code }: WantedTransfer,
): Promise<Offer | undefined> => {
  const [offered] = (await store.load({ sight: everything, streams: [transferStream(transferId)] })).streams;
  const transfer = transferOf(offered);
  if (!offered || transfer.status !== 'offered' || !isCode(code, transfer.codeHash)) return undefined;
  const [loaded] = (await store.load({ sight: everything, streams: [diskStream(transfer.diskId)] })).streams;
  const disk = loaded && diskOf(loaded);
  const madeAt = loaded && recordOf(loaded.events)?.createdAt;
  if (!loaded || disk?.life !== 'in-cloud' || madeAt === undefined) return undefined;
  return { transfer, disk, madeAt, streams: { transfer: offered, disk: loaded } };
};

const wayTo = async ({ store }: CommandPorts, from: BindingId, to: BindingId): Promise<Way> => {
  if (from === to) return 'at-once';
  const names = [from, to].map((each) => `binding-${each}` as const);
  const [giver, receiver] = (await store.load({ sight: everything, streams: names })).streams.map(accessIn);
  return giver && receiver ? wayBetween(giver, receiver) : 'none';
};

/** The category of the stream guarantees the union. */
const accessIn = ({ events }: LoadedStream): Access | undefined => {
  const live = fold(binding, events as unknown as readonly BindingEvent[]);
  return live.status === 'live' ? live.access : undefined;
};

interface Receipt extends WantedTransfer {
  readonly bindingId: BindingId;
  readonly operationId: OperationId;
}

const planOf = (receipt: Receipt, offer: Offer, way: Way): Planned<AcceptRefusal> => {
  switch (way) {
    case 'at-once':
      return planAtOnce(receipt, offer);
    case 'by-transfer':
      return planByTransfer(receipt, offer);
    case 'none':
      return planRefused({ type: 'transfer-between-clouds' });
  }
};

/** On one cloud project nothing is asked of the cloud. */
const planAtOnce = (receipt: Receipt, offer: Offer): Planned<AcceptRefusal> => {
  const { projectId, bindingId, transferId, operationId } = receipt;
  const { transfer, disk, madeAt, streams } = offer;
  const received = decideDisk({ type: 'Receive', transferId, projectId, bindingId, operationId, madeAt }, disk);
  const charges = diskCharges.handOver(disk);
  const completed = transfers.decide({ type: 'Complete', operationId, charges }, transfer);
  if (!received.accepted || !completed.accepted) return notReady;
  const { diskId } = disk;
  return planOperation({
    ...operationOf(receipt, offer),
    resources: [
      { ...ofGiver(offer, streams.transfer), events: completed.events },
      {
        ...ofGiver(offer, { stream: participationStream(operationId), version: 0 }),
        events: [begins(receipt, offer), participationEvent('ParticipationEnded', { result: { diskId }, error: null })],
      },
      { stream: streams.disk.stream, projectId, expectedVersion: streams.disk.version, events: received.events },
    ],
    done: { diskId },
  });
};

/** Until it is there the disk is promised to the project that receives, and on its way out of the one that gives. */
const planByTransfer = (receipt: Receipt, offer: Offer): Planned<AcceptRefusal> => {
  const { transferId, operationId } = receipt;
  const { transfer, disk, streams } = offer;
  const work = { operationId, shownAs: operationId };
  const began = decideDisk({ type: 'BeginHandover', transferId, work }, disk);
  const charges = diskCharges.release(disk);
  const accepted = transfers.decide({ type: 'Accept', operationId, charges }, transfer);
  if (!began.accepted || !accepted.accepted) return notReady;
  return planOperation({
    ...operationOf(receipt, offer),
    charges: diskCharges.hold(disk),
    resources: [
      { ...ofGiver(offer, streams.transfer), events: accepted.events },
      {
        ...ofGiver(offer, { stream: participationStream(operationId), version: 0 }),
        events: [begins(receipt, offer)],
      },
      { ...ofGiver(offer, streams.disk), events: began.events },
    ],
  });
};

/** What stands against it is the other project's affair, blockers and all. */
const notReady = planRefused<AcceptRefusal>({ type: 'transfer-not-ready' });

const kind = 'disk.transfer';

const operationOf = ({ operationId, projectId, bindingId, transferId }: Receipt, { disk: { diskId } }: Offer) => ({
  ...{ operationId, kind, projectId, bindingId, target: { type: 'disk', id: diskId } as const },
  ...{ input: { diskId, transferId }, participants: [projectId] },
});

const ofGiver = (
  { transfer: { projectId } }: Offer,
  { stream, version }: Pick<LoadedStream, 'stream' | 'version'>,
) => ({ stream, projectId, expectedVersion: version });

const begins = ({ operationId }: Receipt, { transfer: { projectId, diskId } }: Offer) =>
  participationEvent('ParticipationBegan', { operationId, projectId, kind, target: { type: 'disk', id: diskId } });
