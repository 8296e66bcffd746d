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
});
