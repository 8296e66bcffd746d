import type { CloudFault, DiskCloud, Sent } from '@strata/cloud';
import type { JsonObject } from '@strata/kernel';
import { cloudFailed, type Found, type Look, type LookContext, type SendContext } from '@strata/operations';
import { DiskCarrier } from '../disk-carrier.js';
import type { GivenDisk } from './given-disk.js';
import { takeBackOwn } from './take-back.js';

/**
 * EVS reference §1.9. One send offers the disk in the project that gives, under the marker as its name, and accepts it in the one
 * that receives: the key that the offer is answered with lives no longer than that. When it is lost, or nobody accepts, the
 * offer is found by its name and taken back, and the next attempt makes another.
 */
export class TransferDisk extends DiskCarrier {
  override readonly kind = 'disk.transfer';

  constructor(private readonly given: GivenDisk) {
    super();
  }

  /** The offer is written where the disk is. */
  override async turnsElsewhere(operation: SendContext['operation']): Promise<void> {
    await (await this.given(operation)).turn();
  }

  override async send(receiver: DiskCloud, context: SendContext): Promise<Sent> {
    const giver = await this.given(context.operation);
    const [from, to] = [giver.cloud.transfers, receiver.transfers];
    if (from === null || to === null) return notOfferedHere;
    const offered = await from.offerDisk(giver.cloudId, context.marker, context);
    if (offered.outcome !== 'offered') return this.withoutOffer(receiver, context, ofGiver(offered));
    const accepted = await to.acceptDisk(offered.transferId, offered.key, context);
    switch (accepted.outcome) {
      case 'accepted':
        return { ...accepted, cloudId: giver.cloudId };
      case 'unknown':
        return accepted;
      case 'refused':
        // Gone, whoever took it: only looking tells whether to somewhere.
        if (accepted.reason === 'not-found') return { outcome: 'unknown', fault: accepted.fault };
    }
    await giver.turn();
    const back = await from.takeBack(offered.transferId, context);
    // Not taken back by this one: whoever did so is at it, and has more to say.
    return back.outcome === 'accepted' ? accepted : { outcome: 'unknown', fault: accepted.fault };
  }

  /** What was accepted is the receiver’s. What is still offered by an attempt of this operation is not any more after that. */
  override async lookUp(
    receiver: DiskCloud,
    { operation, marker }: Pick<LookContext, 'operation' | 'marker'>,
  ): Promise<Found> {
    const { cloud, cloudId, turn } = await this.given(operation);
    if ((await receiver.findDisk(cloudId)) !== null) return { found: true, cloudId };
    if (cloud.transfers === null) return { found: false };
    const undone = await takeBackOwn(cloud.transfers, cloudId, operation.operationId, turn);
    // Accepted between the two looks.
    if ((await receiver.findDisk(cloudId)) !== null) return { found: true, cloudId };
    return undone.includes(marker) ? { found: false, undone: true } : { found: false };
  }

  override async look(receiver: DiskCloud, context: LookContext): Promise<Look> {
    const { cloud, cloudId } = await this.given(context.operation);
    const there = await receiver.findDisk(cloudId);
    if (there !== null && there.status !== 'awaiting-transfer') return { look: 'done', outcome: {} };
    const here = there === null ? await cloud.findDisk(cloudId) : null;
    const untouched = here !== null && here.status !== 'awaiting-transfer' && { untouched: cloudFailed(notMoved) };
    return { look: 'pending', state: 'running', cloudId, ...untouched };
  }

  /** Nobody is to accept it any more: with the offer taken back the disk is as it was. */
  override async leftWhenStuck(receiver: DiskCloud | null, context: LookContext): Promise<JsonObject> {
    if (receiver === null) return super.leftWhenStuck(null, context);
    const { cloud, cloudId, turn } = await this.given(context.operation);
    if (cloud.transfers !== null) await takeBackOwn(cloud.transfers, cloudId, context.operation.operationId, turn);
    const here = await cloud.findDisk(cloudId);
    return here?.status === 'available' ? {} : super.leftWhenStuck(cloud, { ...context, cloudId });
  }

  /** A repetition may find that the attempt before had its effect after all, or that its offer stands in the way. */
  private async withoutOffer(
    receiver: DiskCloud,
    { operation, marker }: SendContext,
    sent: Exclude<Sent, { outcome: 'accepted' }>,
  ): Promise<Sent> {
    if (sent.outcome !== 'refused' || operation.attempts <= 1) return sent;
    const { cloud, cloudId } = await this.given(operation);
    // Before the look-up, which takes an offer of ours back that shows itself only now.
    const wasOffered = (await cloud.findDisk(cloudId))?.status === 'awaiting-transfer';
    const found = await this.lookUp(receiver, { operation, marker });
    if (found.found) return { outcome: 'accepted', jobId: null, cloudId: found.cloudId, requestId: null };
    return wasOffered ? { outcome: 'not-now', why: 'unavailable', fault: sent.fault, retryAfterMs: null } : sent;
  }
}

/** What the cloud says of the disk is the affair of the project that gives, until it has gone over. */
const ofGiver = (sent: Exclude<Sent, { outcome: 'accepted' }>): Exclude<Sent, { outcome: 'accepted' }> => {
  const fault: CloudFault = { ...sent.fault, message: 'the cloud project that gives the disk answered so' };
  return sent.outcome === 'refused' ? { ...sent, reason: 'not-handed-over', fault } : { ...sent, fault };
};

const notOfferedHere: Sent = {
  outcome: 'refused',
  reason: 'not-handed-over',
  fault: { code: 'transfers-not-offered', message: 'the cloud hands no disks over', requestId: null },
};

const notMoved: CloudFault = {
  code: 'disk-not-moved',
  message: 'the cloud accepted the transfer, and the disk is where it was',
  requestId: null,
};
