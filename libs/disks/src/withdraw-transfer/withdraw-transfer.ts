import { everything } from '@strata/event-store';
import type { ProjectId, TransferId } from '@strata/kernel';
import { execute, planRefused, type CommandPorts, type Executed, type WriteCall } from '@strata/projects';
import { diskFact, diskStream } from '../disk/disk.stream.js';
import { transferOf, transfers, transferStream, type KnownTransfer, type TransferRefusal } from '../transfer/index.js';

/** The offer ends, and its disk is as it was before. */
export const withdrawTransfer = (
  ports: CommandPorts,
  call: WriteCall,
  { projectId, transferId }: { readonly projectId: ProjectId; readonly transferId: TransferId },
): Promise<Executed<TransferRefusal>> =>
  execute<TransferRefusal>(ports, call, {
    role: 'operator',
    projectId,
    streams: [transferStream(transferId)],
    decide: async ({ streams: [loaded] }) => {
      const transfer = transferOf(loaded);
      if (!loaded || transfer.status === 'absent' || transfer.projectId !== projectId)
        return planRefused({ type: 'not-found' });
      const decision = transfers.decide({ type: 'Withdraw' }, transfer);
      if (!decision.accepted) return decision;
      const { stream, version: expectedVersion } = loaded;
      const withdrawn = { stream, projectId, expectedVersion, events: decision.events };
      return { accepted: true, streams: [withdrawn, ...(await freed(ports, transfer))], answer: { transferId } };
    },
  });

/** Nobody but whoever decides about the offer ends it: that is settled by the transfer's stream. */
const freed = async ({ store }: CommandPorts, { diskId, transferId }: Pick<KnownTransfer, 'diskId' | 'transferId'>) => {
  const [disk] = (await store.load({ sight: everything, streams: [diskStream(diskId)] })).streams;
  return disk ? diskFact(disk, { type: 'EndOffer', transferId }) : [];
};
