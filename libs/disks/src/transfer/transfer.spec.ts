import { charge, DiskId, fold, OperationId, ProjectId, TransferId } from '@strata/kernel';
import { describe, expect, it } from 'vitest';
import { id } from '../contract/disk-story.js';
import { transferEvent, transfers, type TransferCommand, type TransferEvent, type TransferRefusal } from './index.js';

const offer = {
  ...{ transferId: TransferId.parse(id(91)), diskId: DiskId.parse(id(1)), projectId: ProjectId.parse(id(2)) },
  codeHash: 'ab',
};
const operationId = OperationId.parse(id(11));
const charges = [charge.handOver('disks', 1)];
const offered = transferEvent('TransferOffered', offer);
const withdrawn = transferEvent('TransferWithdrawn', {});
const completed = transferEvent('TransferCompleted', { operationId }, charges);
const complete = { type: 'Complete', operationId, charges } as const;

const given = (...past: readonly TransferEvent[]) => ({
  when: (command: TransferCommand) => {
    const decision = transfers.decide(command, fold(transfers, past));
    return {
      then: (...events: readonly TransferEvent[]) => expect(decision).toEqual({ accepted: true, events }),
      thenRefused: (refusal: TransferRefusal) => expect(decision).toEqual({ accepted: false, refusal }),
    };
  },
});

describe('a transfer', () => {
  it('is offered once', () => {
    given()
      .when({ type: 'Offer', ...offer })
      .then(offered);
    given(offered)
      .when({ type: 'Offer', ...offer })
      .then();
  });

  it('is withdrawn while it is offered; again it is no news', () => {
    given(offered).when({ type: 'Withdraw' }).then(withdrawn);
    given(offered, withdrawn).when({ type: 'Withdraw' }).then();
    given(offered, completed)
      .when({ type: 'Withdraw' })
      .thenRefused({ type: 'transfer-ended', transferStatus: 'completed' });
    given().when({ type: 'Withdraw' }).thenRefused({ type: 'not-found' });
  });

  it('is completed once, with what the project is rid of', () => {
    given(offered).when(complete).then(completed);
    given(offered, completed).when(complete).thenRefused({ type: 'transfer-ended', transferStatus: 'completed' });
    given(offered, withdrawn).when(complete).thenRefused({ type: 'transfer-ended', transferStatus: 'withdrawn' });
    given().when(complete).thenRefused({ type: 'not-found' });
  });

  const accepted = transferEvent('TransferAccepted', { operationId }, charges);
  const failed = transferEvent('TransferAcceptanceFailed', { operationId }, charges);
  const acceptance = { type: 'Accept', operationId, charges } as const;
  const failure = { type: 'RecordFailed', operationId, charges } as const;

  it('may be accepted before the disk is there: then it is neither taken back nor accepted again', () => {
    given(offered).when(acceptance).then(accepted);
    const blockers = [{ kind: 'operation', id: operationId, reason: 'brings the disk to another project' }] as const;
    const underWay = { type: 'transfer-under-way', blockers } as const;
    given(offered, accepted).when({ type: 'Withdraw' }).thenRefused(underWay);
    given(offered, accepted).when(acceptance).thenRefused(underWay);
    given(offered, completed).when(acceptance).thenRefused({ type: 'transfer-ended', transferStatus: 'completed' });
    given().when(acceptance).thenRefused({ type: 'not-found' });
  });

  it('is completed by the operation that accepted it, and offered again when that fails', () => {
    given(offered, accepted).when(complete).then(completed);
    const other = OperationId.parse(id(12));
    given(offered, accepted)
      .when({ ...complete, operationId: other })
      .thenRefused({
        type: 'transfer-under-way',
        blockers: [{ kind: 'operation', id: operationId, reason: 'brings the disk to another project' }],
      });
    given(offered, accepted).when(failure).then(failed);
    given(offered, accepted)
      .when({ ...failure, operationId: other })
      .then();
    given(offered).when(failure).then();
    given(offered, accepted, failed).when({ type: 'Withdraw' }).then(withdrawn);
    given(offered, accepted, failed).when(acceptance).then(accepted);
  });
});
