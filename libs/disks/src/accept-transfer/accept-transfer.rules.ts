import type { LoadedStream, StreamAppend } from '@strata/event-store';
import { BindingId, refuse, type Charge } from '@strata/kernel';
import {
  participationEvent,
  participationStream,
  type Conclusion,
  type Ending,
  type KindRules,
  type KnownOperation,
  type OperationError,
} from '@strata/operations';
import { diskCharges } from '../disk/disk.charges.js';
import { diskFact, diskOf, diskStream } from '../disk/disk.stream.js';
import { decideDisk, type CloudKnownDisk, type DiskCommand } from '../disk/index.js';
import { TransferInput } from '../disk-inputs.js';
import { Stuck } from '../disk-rules.js';
import { recordOf } from '../disk.record.js';
import { transferOf, transfers, transferStream, type TransferCommand } from '../transfer/index.js';

const acceptAgain = 'accept the transfer again with its code';

/**
 * Into another project of the cloud. A second offer finds the first one in its way, and what is offered late would stay offered:
 * so absence is presumed no sooner than where a second resource would be made.
 */
export const transferDiskRules: KindRules = {
  kind: 'disk.transfer',
  sends: true,
  absence: 'three-looks',
  deadlineMs: 60 * 60_000,
  streams: ({ target, input, operationId }) => {
    const { transferId } = TransferInput.parse(input);
    // Absent where it has succeeded when it was accepted.
    if (target.type !== 'disk' || transferId === undefined) return [];
    return [diskStream(target.id), transferStream(transferId), participationStream(operationId)];
  },
  conclude: (ending, operation, [disk, transfer, participation]) => {
    const moving = disk && movingDisk(disk, operation);
    return moving && transfer && participation
      ? conclude(ending, operation, { moving, disk, transfer, participation })
      : { streams: [], result: {} };
  },
  // Whoever asks does not see the disk, which is the other project's still.
  instead: () => acceptAgain,
  retry: () => refuse({ type: 'not-retryable', reason: `${acceptAgain}, while it is offered` }),
};

interface Resources {
  readonly moving: CloudKnownDisk;
  readonly disk: LoadedStream;
  readonly transfer: LoadedStream;
  readonly participation: LoadedStream;
}

/** As long as the operation is at it. */
const movingDisk = (stream: LoadedStream, { operationId }: KnownOperation): CloudKnownDisk | undefined => {
  const disk = diskOf(stream);
  return disk.life === 'in-cloud' && disk.open?.operationId === operationId ? disk : undefined;
};

const conclude = (ending: Ending, operation: KnownOperation, resources: Resources): Conclusion => {
  const { moving } = resources;
  const { diskId } = moving;
  if (ending.end === 'succeeded') {
    const streams = [
      ...ofTransfer(resources, operation, 'Complete', diskCharges.free(moving)),
      ...told(resources, { result: { diskId }, error: null }),
      arrival(resources, operation),
    ];
    return { streams, result: { diskId } };
  }
  const streams = [
    ...ofTransfer(resources, operation, 'RecordFailed', diskCharges.keep(moving)),
    ...told(resources, { result: null, error: cameToNothing }),
    ...diskFact(resources.disk, leftBehind(ending, operation)),
  ];
  return { streams, charges: diskCharges.unhold(moving), result: { diskId } };
};

/** In the project that gives. Facts are not refused. */
const ofTransfer = (
  { moving: { projectId }, transfer }: Resources,
  { operationId }: KnownOperation,
  type: Extract<TransferCommand, { charges: readonly Charge[] }>['type'],
  charges: readonly Charge[],
): readonly StreamAppend[] => {
  const { stream, version: expectedVersion } = transfer;
  const decision = transfers.decide({ type, operationId, charges }, transferOf(transfer));
  return decision.accepted ? [{ stream, projectId, expectedVersion, events: decision.events }] : [];
};

const told = (
  { moving: { projectId }, participation }: Resources,
  end: { readonly result: { readonly diskId: string } | null; readonly error: OperationError | null },
): readonly StreamAppend[] => {
  const { stream, version: expectedVersion } = participation;
  return [{ stream, projectId, expectedVersion, events: [participationEvent('ParticipationEnded', end)] }];
};

/** The stream of the disk goes on in the project that receives. */
const arrival = ({ moving, disk }: Resources, { operationId, projectId, bindingId }: KnownOperation): StreamAppend => {
  const madeAt = recordOf(disk.events)?.createdAt;
  if (madeAt === undefined) throw new Error(`the disk ${moving.diskId} has no beginning`);
  const at = { projectId, bindingId: BindingId.parse(bindingId), madeAt };
  const decision = decideDisk({ type: 'CompleteHandover', operationId, ...at }, moving);
  if (!decision.accepted) throw new Error(`a fact was refused: ${decision.refusal.type}`);
  return { stream: disk.stream, projectId, expectedVersion: disk.version, events: decision.events };
};

const leftBehind = (ending: Exclude<Ending, { end: 'succeeded' }>, { operationId }: KnownOperation): DiskCommand => {
  if (ending.end === 'cancelled') {
    const fault = { code: 'cancelled', title: 'The operation was cancelled' };
    return { type: 'RecordFailed', operationId, fault, broken: false };
  }
  const { code, title } = ending.error;
  const stuck = Stuck.safeParse(ending.left);
  return stuck.success
    ? { type: 'RecordQuarantined', operationId, fault: { code, title }, left: stuck.data.stuck }
    : { type: 'RecordFailed', operationId, fault: { code, title }, broken: code === 'outcome-unknown' };
};

/** All that the project that gives is told: why is the affair of the one that asked. */
const cameToNothing: OperationError = {
  code: 'transfer-came-to-nothing',
  title: 'The disk was not brought to the other project',
  owner: 'you',
  remedy:
    'The disk is offered as before: whoever has the code can accept it again. Delete the transfer to keep the disk.',
  retryable: false,
  cloud: null,
};
