import { notOffered, offered, rowsOf } from '../cloud-operation.ts';
import { transfer } from '../tests.ts';

const row = rowsOf('evs');

const transfers = '/v2/{project_id}/os-volume-transfer' as const;
/** What newer releases of Cinder have in its place. */
const newer = '/v2/{project_id}/volume-transfers' as const;

const goesOver = 'brings a disk into another one, with its id and all that it is';
const betweenCloudProjects = 'into another cloud project; within one nothing is asked of the cloud';
const accepted = (test: string) => offered(['acceptTransfer'], [transfer(test)], betweenCloudProjects);

/** Disks that pass to another project, in EVS and in Cinder alike. */
export const transferOperations = [
  row('C9', 'Offer a disk to another project', `POST ${transfers}`, accepted(goesOver)),
  row('C9', 'List transfers in brief', `GET ${transfers}`, notOffered('it tells less than the list in full')),
  row('C9', 'List transfers in full', [`GET ${transfers}/detail`, `GET ${newer}/detail`], accepted(goesOver)),
  row('C9', 'Show a transfer', [`GET ${transfers}/{transfer_id}`, `GET ${newer}/{transfer_id}`], accepted(goesOver)),
  row('C9', 'Accept a disk', `POST ${transfers}/{transfer_id}/accept`, accepted(goesOver)),
  row(
    'C9',
    'Take an offer back',
    `DELETE ${transfers}/{transfer_id}`,
    offered(
      ['acceptTransfer', 'cancelOperation', 'sweepBinding'],
      [
        transfer('takes an offer back once, and lets nobody accept it then'),
        transfer('shows under its name an offer whose key was lost with the answer, so that it can be taken back'),
      ],
      betweenCloudProjects,
    ),
  ),
];
