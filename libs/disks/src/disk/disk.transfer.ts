import { accept, refuse, type Charge, type Decision, type TransferId } from '@strata/kernel';
import { diskCharges } from './disk.charges.js';
import type { DiskCommand, DiskRefusal } from './disk.commands.js';
import { lockedAgainstDeletion } from './disk.deletion-lock.js';
import { diskEvent, type DiskEstate, type DiskEvent, type DiskEventOf } from './disk.events.js';
import { isPresent, type CloudKnownDisk, type Disk, type KnownDisk } from './disk.js';
import { notReady } from './disk.not-ready.js';
import { attached } from './disk.attached.js';
import { hasSnapshots } from './disk.snapshots.js';
import { allowedActions } from './disk.status.js';

type Decided = Decision<DiskEvent, DiskRefusal>;
type On<Type extends DiskCommand['type']> = Extract<DiskCommand, { type: Type }>;

/** While it is offered nothing else may be done to it: whoever accepts it gets what was offered. */
export const offered = ({ offer }: KnownDisk): Decision<never, DiskRefusal> | null =>
  offer
    ? refuse({
        type: 'disk-busy',
        blockers: [{ kind: 'transfer', id: offer, reason: 'the disk is offered to another project' }],
      })
    : null;

/** What the cloud refuses to hand over (EVS reference §1.9), and what nobody should lose unnoticed. */
const notTransferable = (disk: CloudKnownDisk): Decision<never, DiskRefusal> | undefined => {
  const blocked = attached(disk) ?? hasSnapshots(disk);
  if (blocked) return blocked;
  const { encrypted, bootable } = disk.traits;
  const reasons = [...(encrypted ? ['it is encrypted'] : []), ...(bootable ? ['it is a system disk'] : [])];
  if (reasons.length > 0) {
    const blockers = reasons.map((reason) => ({ kind: 'disk', id: disk.diskId, reason }) as const);
    return refuse({ type: 'disk-not-transferable', blockers });
  }
  return allowedActions(disk).includes('transfer') ? undefined : notReady(disk);
};

export const requestOffer = ({ transferId }: On<'RequestOffer'>, disk: CloudKnownDisk): Decided =>
  lockedAgainstDeletion(disk) ?? notTransferable(disk) ?? accept<DiskEvent>(diskEvent('DiskOffered', { transferId }));

export const endOffer = ({ transferId }: On<'EndOffer'>, disk: Disk): Decided =>
  isPresent(disk) && disk.offer === transferId
    ? accept<DiskEvent>(diskEvent('DiskOfferEnded', { transferId }))
    : accept<DiskEvent>();

/** The disk as it may be accepted under its offer. What a sweep saw since it was offered may stand against it. */
const acceptable = (transferId: TransferId, disk: Disk): Decision<never, DiskRefusal> | CloudKnownDisk => {
  if (disk.life !== 'in-cloud' || disk.open !== null || disk.offer !== transferId) return refuse({ type: 'not-found' });
  return notTransferable({ ...disk, offer: null }) ?? disk;
};

export const receive = ({ transferId, ...arrival }: On<'Receive'>, disk: Disk): Decided => {
  const offered = acceptable(transferId, disk);
  return 'accepted' in offered ? offered : accept<DiskEvent>(arrived(arrival, offered, diskCharges.takeOver(offered)));
};

export const beginHandover = ({ transferId, work }: On<'BeginHandover'>, disk: Disk): Decided => {
  const offered = acceptable(transferId, disk);
  return 'accepted' in offered ? offered : accept<DiskEvent>(diskEvent('DiskHandoverBegan', { ...work, transferId }));
};

/** What the project that receives was promised is in use there from now on. */
export const completeHandover = (arrival: On<'CompleteHandover'>, disk: Disk): Decided =>
  disk.life === 'in-cloud' && disk.open?.doing === 'transfer' && disk.open.operationId === arrival.operationId
    ? accept<DiskEvent>(arrived(arrival, disk, diskCharges.confirm(disk)))
    : accept<DiskEvent>();

const arrived = (
  { projectId, bindingId, operationId, madeAt }: Omit<On<'CompleteHandover'>, 'type'>,
  disk: CloudKnownDisk,
  charges: readonly Charge[],
): DiskEvent =>
  diskEvent('DiskReceived', { operationId, projectId, bindingId, madeAt, estate: estateOf(disk) }, charges);

/**
 * What a disk has that another project does not get with it: with what it began, and all that concerned the project that it
 * leaves. That it is encrypted or shareable is told by the traits of what is in the cloud.
 */
type Left =
  | ('life' | 'projectId' | 'bindingId' | 'open' | 'fault' | 'undecidedGiB' | 'undecidedMove')
  | ('snapshots' | 'foreignSnapshots' | 'offer' | 'deletionLock' | 'source' | 'encryption' | 'shareable');

/** A member that is neither left nor part of the estate would be lost: then this does not compile. */
type NothingLost = Record<Exclude<keyof CloudKnownDisk, Left | keyof DiskEstate>, never>;

const estateOf = (disk: CloudKnownDisk): DiskEstate & NothingLost => {
  const { life, projectId, bindingId, open, fault, undecidedGiB, undecidedMove, ...own } = disk;
  const { snapshots, foreignSnapshots, offer, deletionLock, source, encryption, shareable, ...estate } = own;
  return { ...estate, began: source ? 'from-source' : (disk.began ?? 'empty') };
};

/** From this event alone, whatever is known of what went before. */
export const received = ({ projectId, bindingId, estate }: DiskEventOf<'DiskReceived'>['data']): CloudKnownDisk => ({
  ...estate,
  began: estate.began ?? 'unknown',
  ...{ life: 'in-cloud', projectId, bindingId, open: null, fault: null, undecidedGiB: 0 },
});
