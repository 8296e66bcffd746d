import { refuse } from '@strata/kernel';
import type { LoadedStream } from '@strata/event-store';
import type { Ending, KindRules, KnownOperation } from '@strata/operations';
import { diskFact, diskOf, diskStream } from '../disk/disk.stream.js';
import { findingFact, findingStream, type RemovalFault } from '../finding/index.js';
import { RemoveStrangerInput } from './remove-stranger.input.js';

const faultOf = (ending: Ending): RemovalFault | null => {
  switch (ending.end) {
    case 'succeeded':
      return null;
    case 'failed':
      return { code: ending.error.code, title: ending.error.title };
    case 'cancelled':
      return { code: 'cancelled', title: 'The operation was cancelled' };
  }
};

/** The disk that loses a snapshot which Strata did not make hears of it. */
const ofDisk = (fault: RemovalFault | null, { cloudId, resource }: RemoveStrangerInput, disk: LoadedStream) => {
  const known = diskOf(disk);
  return fault === null && resource === 'snapshot' && known.life !== 'absent'
    ? diskFact(disk, { type: 'RecordForeignSnapshot', cloudId, there: false })
    : [];
};

const conclude = (ending: Ending, operation: KnownOperation, [thing, disk]: readonly LoadedStream[]) => {
  const input = RemoveStrangerInput.parse(operation.input);
  const fault = faultOf(ending);
  const command = { type: 'RecordRemovalEnded', operationId: operation.operationId, fault } as const;
  // A stream of findings lies where its newest event does: after an adoption or a transfer in another project than before.
  const projectId = thing?.events.at(-1)?.projectId;
  const streams = [
    ...(thing && projectId ? findingFact(projectId, thing, command) : []),
    ...(disk ? ofDisk(fault, input, disk) : []),
  ];
  return { streams, result: { findingId: input.findingId } };
};

const approvedOnce = 'it was approved as it was then: ask for the removal anew';

/** Ids of the cloud are never given twice, and each send looks first: sending it again does no harm. */
export const removeStrangerRules: KindRules = {
  kind: 'finding.remove',
  sends: true,
  absence: 'one-look',
  deadlineMs: 60 * 60_000,
  streams: ({ bindingId, input }) => {
    const { cloudId, diskId } = RemoveStrangerInput.parse(input);
    if (bindingId === null) return [];
    return [findingStream(bindingId, cloudId), ...(diskId === null ? [] : [diskStream(diskId)])];
  },
  conclude,
  instead: () => 'ask for the removal anew',
  retry: () => refuse({ type: 'not-retryable', reason: approvedOnce }),
};
