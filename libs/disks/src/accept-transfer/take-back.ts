import { CloudSilent, type CloudFault, type Sent, type TransferCloud } from '@strata/cloud';

/** Hard end of a request by which something is undone, in ms. */
const undoWithinMs = 10_000;

/** It is offered no more, whoever ended it. */
const isUndone = (back: Sent): boolean =>
  back.outcome === 'accepted' || (back.outcome === 'refused' && back.reason === 'not-found');

/**
 * Takes back what attempts of the operation offer of the disk, each when `turn` resolves, and answers with the names of those.
 * Throws `CloudSilent`.
 */
export const takeBackOwn = async (
  transfers: TransferCloud,
  cloudId: string,
  operationId: string,
  turn: () => Promise<void>,
): Promise<readonly string[]> => {
  const options = { timeoutMs: undoWithinMs, mayStillSend: () => true };
  const undone: string[] = [];
  for (const { transferId, name } of await transfers.findTransfersOfDisk(cloudId)) {
    if (!name.startsWith(`${operationId}.`)) continue;
    await turn();
    const back = await transfers.takeBack(transferId, options);
    if (!isUndone(back) && (await transfers.findTransfer(transferId)) !== null) throw silent(back);
    if (back.outcome === 'accepted') undone.push(name);
  }
  return undone;
};

const silent = (back: Sent): CloudSilent => {
  const fault = back.outcome === 'accepted' ? notTakenBack : back.fault;
  return new CloudSilent(fault, 'unavailable', back.outcome === 'not-now' ? back.retryAfterMs : null);
};

const notTakenBack: CloudFault = { code: 'offer-not-taken-back', message: 'the offer is there still', requestId: null };
