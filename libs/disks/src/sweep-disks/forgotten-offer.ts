import { CloudSilent, type CloudDisk, type TransferCloud } from '@strata/cloud';
import { everything } from '@strata/event-store';
import { OperationId } from '@strata/kernel';
import { historyOf, isOpen } from '@strata/operations';
import { takeBackOwn } from '../accept-transfer/take-back.js';
import type { SweepPorts } from './sweep.ports.js';

/**
 * Takes back what an operation of ours left offered in the cloud: an offer that took effect after it was given up, or that could
 * not be looked for in the end. What others offer, and what an operation is still at, is left alone. What the cloud does not let
 * happen is tried again by the next round: the rest of this one does not wait for it.
 */
export const takeBackForgotten = async (ports: SweepPorts, { cloudId }: CloudDisk): Promise<void> => {
  const { transfers } = ports.cloud;
  if (transfers === null) return;
  try {
    await takeBackEnded(ports, transfers, cloudId);
  } catch (error) {
    if (!(error instanceof CloudSilent)) throw error;
  }
};

const takeBackEnded = async (ports: SweepPorts, transfers: TransferCloud, cloudId: string): Promise<void> => {
  await ports.budget();
  const offers = await transfers.findTransfersOfDisk(cloudId);
  for (const operationId of new Set(offers.flatMap(({ name }) => operationIn(name)))) {
    if (!(await hasEnded(ports, operationId))) continue;
    await ports.budget();
    await takeBackOwn(transfers, cloudId, operationId, ports.budget);
  }
};

/** By whose marker it is named. */
const operationIn = (name: string): readonly OperationId[] => {
  const parsed = OperationId.safeParse(name.split('.')[0]);
  return parsed.success ? [parsed.data] : [];
};

/** One that the log does not know is another Strata's. */
const hasEnded = async ({ store }: SweepPorts, operationId: OperationId): Promise<boolean> => {
  const [stream] = (await store.load({ sight: everything, streams: [`operation-${operationId}`] })).streams;
  if (stream === undefined || stream.version === 0) return false;
  const { operation } = historyOf(stream);
  return operation.status !== 'absent' && operation.kind === 'disk.transfer' && !isOpen(operation);
};
