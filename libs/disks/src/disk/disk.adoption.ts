import { accept, type Charge, type Decision } from '@strata/kernel';
import { diskCharges } from './disk.charges.js';
import type { DiskCommand, DiskRefusal } from './disk.commands.js';
import { diskEvent, type DiskEvent, type DiskEventOf, type DiskSighting, type Work } from './disk.events.js';
import type { Disk, KnownDisk } from './disk.js';

type Decided = Decision<DiskEvent, DiskRefusal>;
type On<Type extends DiskCommand['type']> = Extract<DiskCommand, { type: Type }>;

/** Held from now on, so that the project cannot be deleted meanwhile; past a limit too, as what is held is there already. */
export const requestAdoption = ({ type: _type, work, ...wanted }: On<'RequestAdoption'>, disk: Disk): Decided =>
  disk.life === 'absent'
    ? accept<DiskEvent>(diskEvent('DiskAdoptionRequested', { ...work, ...wanted }, diskCharges.hold(wanted.spec)))
    : accept<DiskEvent>();

/** Used is what was seen now, whatever the sweep before saw. */
const adoptedCharges = (disk: KnownDisk, sighting: DiskSighting): readonly Charge[] =>
  disk.type === sighting.type && disk.sizeGiB === sighting.sizeGiB
    ? diskCharges.confirm(disk)
    : [...diskCharges.unhold(disk), ...diskCharges.observe(sighting)];

export const recordAdopted = ({ sighting, ...command }: On<'RecordAdopted'>, disk: KnownDisk): Decided => {
  const operationId = command.operationId as Work['operationId'];
  return accept<DiskEvent>(diskEvent('DiskAdopted', { operationId, sighting }, adoptedCharges(disk, sighting)));
};

export const adoptionFailed = ({ fault, ...command }: On<'RecordFailed'>, disk: KnownDisk): Decided => {
  const operationId = command.operationId as Work['operationId'];
  return accept<DiskEvent>(diskEvent('DiskAdoptionFailed', { operationId, fault }, diskCharges.unhold(disk)));
};

export const adoptionRequested = ({ spec, ...event }: DiskEventOf<'DiskAdoptionRequested'>['data']): Disk => {
  const { operationId, shownAs, cloudId: _seen, ...rest } = event;
  const open = { operationId, shownAs, doing: 'adopt' } as const;
  return { ...spec, ...rest, life: 'requested', open, fault: null, undecidedGiB: 0 };
};
