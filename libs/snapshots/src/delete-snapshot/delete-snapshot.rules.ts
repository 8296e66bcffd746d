import { endingFindings } from '@strata/disks';
import { z } from 'zod';
import { SnapshotInput } from '../snapshot-inputs.js';
import { snapshotRules } from '../snapshot-rules.js';

/** What the carrier tells of a snapshot that the cloud could not delete; nothing of one that is as it was. */
const Left = z.object({ broken: z.boolean().default(false), cloudStatus: z.string().exactOptional() });

/** Its disk may be busy with something else, but for a change of its type. */
const ofSnapshot = snapshotRules({
  kind: 'snapshot.delete',
  absence: 'one-look',
  deadlineMs: 60 * 60_000,
  withDisk: true,
  done: ({ operationId, input }) => ({
    snapshot: { type: 'RecordDeleted', operationId },
    disk: { type: 'RecordSnapshotRemoved', snapshotId: SnapshotInput.parse(input).snapshotId },
  }),
  failed: ({ operationId, input }, fault, left) => {
    const { broken, ...state } = Left.parse(left);
    const { snapshotId } = SnapshotInput.parse(input);
    return {
      snapshot: { type: 'RecordFailed', operationId, fault, broken, ...state },
      disk: { type: 'RecordSnapshotStayed', snapshotId, stuck: broken },
    };
  },
  again: (input, work) => ({
    snapshot: { type: 'RequestDeletion', work },
    disk: { type: 'RequestSnapshotDeletion', snapshotId: SnapshotInput.parse(input).snapshotId },
  }),
});

export const deleteSnapshotRules = endingFindings(ofSnapshot);
