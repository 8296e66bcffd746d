import { notOffered, notYet, rowsOf } from '../cloud-operation.ts';
import { transfer } from '../tests.ts';

const row = rowsOf('evs');

const transfers = '/v2/{project_id}/os-volume-transfer' as const;

const transferCommands = (test: string) =>
  notYet(
    'disks that pass to a project of another cloud project; within one nothing changes in the cloud',
    transfer(test),
  );
const goesOver = 'brings a disk into another one, with its id and all that it is';

/** Disks that pass to another project, in EVS and in Cinder alike. */
export const transferOperations = [
  row('C9', 'Offer a disk to another project', `POST ${transfers}`, transferCommands(goesOver)),
  row('C9', 'List transfers in brief', `GET ${transfers}`, notOffered('it tells less than the list in full')),
  row('C9', 'List transfers in full', `GET ${transfers}/detail`, transferCommands(goesOver)),
  row('C9', 'Show a transfer', `GET ${transfers}/{transfer_id}`, transferCommands(goesOver)),
  row('C9', 'Accept a disk', `POST ${transfers}/{transfer_id}/accept`, transferCommands(goesOver)),
  row(
    'C9',
    'Take an offer back',
    `DELETE ${transfers}/{transfer_id}`,
    transferCommands('takes an offer back once, and lets nobody accept it then'),
  ),
];
