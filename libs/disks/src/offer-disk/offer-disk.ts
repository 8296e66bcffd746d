import { TransferId, type DiskId, type ProjectId } from '@strata/kernel';
import { execute, planRefused, type CommandPorts, type Executed, type WriteCall } from '@strata/projects';
import { v7 as newId } from 'uuid';
import { decideDisk, type DiskRefusal } from '../disk/index.js';
import { diskOf, diskStream } from '../disk/disk.stream.js';
import { transferEvent, transferStream } from '../transfer/index.js';
import { hashOfCode, newTransferCode } from '../transfers/transfer-code.js';

export interface OfferedDisk {
  readonly executed: Executed<DiskRefusal>;
  /** Told here once, and nowhere else: the answer that is remembered has only the id of the transfer. */
  readonly code: string;
}

/** A transfer begins, and its disk waits for whoever knows the code. */
export const offerDisk = async (
  ports: CommandPorts,
  call: WriteCall,
  { projectId, diskId }: { readonly projectId: ProjectId; readonly diskId: DiskId },
): Promise<OfferedDisk> => {
  const transferId = TransferId.parse(newId());
  const code = newTransferCode();
  const executed = await execute<DiskRefusal>(ports, call, {
    role: 'operator',
    projectId,
    streams: [diskStream(diskId)],
    decide: ({ streams: [loaded] }) => {
      const disk = loaded ? diskOf(loaded) : ({ life: 'absent' } as const);
      if (!loaded || disk.life === 'absent' || disk.projectId !== projectId) return planRefused({ type: 'not-found' });
      const decision = decideDisk({ type: 'RequestOffer', transferId }, disk);
      if (!decision.accepted) return decision;
      const { stream, version: expectedVersion } = loaded;
      const offered = transferEvent('TransferOffered', { transferId, diskId, projectId, codeHash: hashOfCode(code) });
      return {
        accepted: true,
        streams: [
          { stream: transferStream(transferId), projectId, expectedVersion: 0, events: [offered] },
          { stream, projectId, expectedVersion, events: decision.events },
        ],
        answer: { transferId },
      };
    },
  });
  return { executed, code };
};
