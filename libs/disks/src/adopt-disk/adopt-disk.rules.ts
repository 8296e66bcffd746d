import { refuse } from '@strata/kernel';
import type { Ending, KindRules, KnownOperation } from '@strata/operations';
import { nodeOf } from '@strata/projects';
import { AdoptInput } from '../disk-inputs.js';
import { diskFact, diskStream } from '../disk/disk.stream.js';
import { DiskSighting, type DiskCommand, type DiskFault } from '../disk/index.js';
import { findingFact, findingStream } from '../finding/index.js';

const faultOf = (ending: Exclude<Ending, { end: 'succeeded' }>): DiskFault =>
  ending.end === 'failed'
    ? { code: ending.error.code, title: ending.error.title }
    : { code: 'cancelled', title: 'The operation was cancelled' };

const told = (ending: Ending, { operationId }: KnownOperation): DiskCommand =>
  ending.end === 'succeeded'
    ? { type: 'RecordAdopted', operationId, sighting: DiskSighting.parse(ending.outcome['sighting']) }
    : { type: 'RecordFailed', operationId, fault: faultOf(ending), broken: false };

/** Works on two streams: the disk that comes to be, and what was found of the disk of the cloud, which can be claimed once. */
export const adoptDiskRules: KindRules = {
  kind: 'disk.adopt',
  sends: true,
  // Marking twice does no harm.
  absence: 'one-look',
  deadlineMs: 15 * 60_000,
  streams: ({ target, input }) => {
    const { bindingId, cloudId } = AdoptInput.parse(input);
    return target.type === 'disk' ? [diskStream(target.id), findingStream(bindingId, cloudId)] : [];
  },
  conclude: (ending, operation, [disk, thing]) => {
    const { operationId, input } = operation;
    const { diskId, bindingId } = AdoptInput.parse(input);
    const type = ending.end === 'succeeded' ? 'RecordAdopted' : 'RecordAdoptionFailed';
    return {
      streams: [
        ...(disk === undefined ? [] : diskFact(disk, told(ending, operation))),
        ...(thing === undefined ? [] : findingFact(nodeOf(bindingId), thing, { type, operationId })),
      ],
      result: { diskId },
    };
  },
  instead: () => 'adopt it anew',
  retry: () => refuse({ type: 'not-retryable', reason: 'what was found is open again: adopt it anew' }),
};
