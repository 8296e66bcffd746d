import { z } from 'zod';
import { diskRules, type DiskVerb } from '../disk-rules.js';
import { InheritedTraits } from '../disk/disk.events.js';

const cloudIdIn = (told: { readonly [member: string]: unknown }): string | null =>
  typeof told['cloudId'] === 'string' ? told['cloudId'] : null;

/** Words between the carrier and these rules. */
const Made = z.object({ cloudId: z.string().catch(''), inherited: InheritedTraits.optional() });

/** A second send would make a second disk: absence needs three looks over the whole visibility bound. */
export const createVerb: DiskVerb = {
  kind: 'disk.create',
  sends: true,
  absence: 'three-looks',
  deadlineMs: 60 * 60_000,
  done: (operationId, outcome) => ({ type: 'RecordProvisioned', operationId, ...Made.parse(outcome) }),
  failed: (operationId, fault, left) => ({
    type: 'RecordCreationFailed',
    operationId,
    fault,
    cloudId: cloudIdIn(left),
  }),
  again: (_input, work) => ({ type: 'RequestAgain', work }),
};

export const createDiskRules = diskRules(createVerb);
