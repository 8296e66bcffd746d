import { refuse, type ProjectId } from '@strata/kernel';
import type { LoadedStream } from '@strata/event-store';
import type { Ending, KindRules, KnownOperation } from '@strata/operations';
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

const conclude = (ending: Ending, { operationId, input }: KnownOperation, [thing]: readonly LoadedStream[]) => {
  const { findingId } = RemoveStrangerInput.parse(input);
  const command = { type: 'RecordRemovalEnded', operationId, fault: faultOf(ending) } as const;
  // A stream of findings with a removal has events, and all of them lie where the first does.
  const projectId = thing?.events[0]?.projectId as ProjectId | undefined;
  return { streams: thing && projectId ? findingFact(projectId, thing, command) : [], result: { findingId } };
};

const approvedOnce = 'it was approved as it was then: ask for the removal anew';

/** Ids of the cloud are never given twice, and each send looks first: sending it again does no harm. */
export const removeStrangerRules: KindRules = {
  kind: 'finding.remove',
  sends: true,
  absence: 'one-look',
  deadlineMs: 60 * 60_000,
  streams: ({ bindingId, input }) =>
    bindingId === null ? [] : [findingStream(bindingId, RemoveStrangerInput.parse(input).cloudId)],
  conclude,
  retry: () => refuse({ type: 'not-retryable', reason: approvedOnce }),
};
