import { notOffered, offered, rowsOf } from '../cloud-operation.ts';
import { anyCloud, evsCall, lostAnswer, retype, snapshot } from '../tests.ts';

const row = rowsOf('evs');

const disk = '/v2/{project_id}/os-vendor-volumes/{volume_id}' as const;
const diskAlso = '/v2/{project_id}/cloudvolumes/{volume_id}' as const;
const snapshots = '/v2/{project_id}/cloudsnapshots' as const;
const tags = '/v2/{project_id}/os-vendor-tags/{resource_type}' as const;

const allOfSnapshots = ['requestSnapshot', 'changeSnapshot', 'deleteSnapshot', 'rollBackSnapshot'] as const;
const changes = evsCall('changes name, metadata and tags in the calls that the examples show, removals first');
const marks = anyCloud('takes our marker on in place of another, and stays what it was else, where %s');

/** EVS's own calls on disks, jobs and snapshots (EVS reference §1.2.1). */
export const nativeOperations = [
  row(
    'N1',
    'Create disks',
    'POST /v2/{project_id}/cloudvolumes',
    offered(
      ['requestDisks', 'recreateDisk', 'retryOperation'],
      [
        evsCall('creates one disk, marked twice, and is answered with a job'),
        evsCall('makes a disk of an image, and knows when its callers may not'),
      ],
      'one disk a call, also of a batch',
    ),
  ),
  row(
    'N2',
    'List disks in full',
    'GET /v2/{project_id}/cloudvolumes/detail',
    offered(
      ['sweepBinding', 'checkBinding', 'requestDisks'],
      [
        evsCall('takes of a next link only where it goes on, and ends where it turns in a circle'),
        evsCall('asks for many disks sixty at a time, in the form of the manual'),
      ],
      'lists for users come from Strata’s own view',
    ),
  ),
  row(
    'N3',
    'Show a disk',
    `GET ${disk}`,
    offered(
      [
        ...['refreshDisk', 'changeDisk', 'extendDisk', 'retypeDisk', 'attachDisk', 'detachDisk', 'deleteDisk'],
        ...['recreateDisk', 'adoptFinding', 'importDisks', 'approveRemoval'],
      ],
      [evsCall('finds a disk, and none where the example has none')],
    ),
  ),
  row(
    'N3b',
    'Show a disk, other path',
    `GET ${diskAlso}`,
    notOffered('it is N3 under a path that only the permission tables name'),
  ),
  row(
    'N4',
    'Delete a disk',
    `DELETE ${diskAlso}`,
    offered(
      ['deleteDisk', 'approveRemoval'],
      [evsCall('evs.volume.delete.native'), anyCloud('deletes a disk until nothing is left to see')],
    ),
  ),
  row(
    'N5',
    'Extend a disk',
    `POST ${diskAlso}/action`,
    offered(
      ['extendDisk'],
      [evsCall('evs.volume.extend.native'), anyCloud('extends a disk, and says by name that it has the size already')],
    ),
  ),
  row(
    'N6',
    'Change the type of a disk',
    'POST /v2/{project_id}/volumes/{volume_id}/retype',
    offered(['retypeDisk'], [evsCall('evs.volume.retype'), retype('changes the type of a disk, and leaves the rest')]),
  ),
  row('N7', 'Rename a disk', `PUT ${diskAlso}`, notOffered('it is deprecated; C3 does the same')),
  row(
    'N8',
    'List disks in brief',
    'GET /v2/{project_id}/cloudvolumes',
    notOffered('it is deprecated, and tells less than N2'),
  ),
  row(
    'N9',
    'List disks in full, old path',
    'GET /v2/{project_id}/os-vendor-volumes/detail',
    notOffered('it is deprecated in favour of N2'),
  ),
  row(
    'N10',
    'Look at a job',
    'GET /v1/{project_id}/jobs/{job_id}',
    offered(['requestDisks', 'extendDisk', 'retypeDisk', 'deleteDisk'], [evsCall('understands %s')]),
  ),
  row(
    'N11',
    'Create a snapshot',
    `POST ${snapshots}`,
    offered(
      ['requestSnapshot'],
      [snapshot('takes one as asked, with its marker, and shows it to every way of looking')],
    ),
  ),
  row(
    'N12',
    'Delete a snapshot',
    `DELETE ${snapshots}/{snapshot_id}`,
    offered(
      ['deleteSnapshot', 'approveRemoval'],
      [snapshot('makes a disk from one, which stays when the snapshot goes')],
    ),
  ),
  row(
    'N13',
    'Rename a snapshot',
    `PUT ${snapshots}/{snapshot_id}`,
    offered(['changeSnapshot'], [snapshot('changes name, description and metadata, and leaves the rest')]),
  ),
  row(
    'N14',
    'Show a snapshot',
    `GET ${snapshots}/{snapshot_id}`,
    offered(allOfSnapshots, [snapshot('takes one as asked, with its marker, and shows it to every way of looking')]),
  ),
  row(
    'N15',
    'List snapshots in full',
    `GET ${snapshots}/detail`,
    offered(
      ['requestSnapshot', 'sweepBinding'],
      [snapshot('takes one as asked, with its marker, and shows it to every way of looking')],
      'looks for one whose creation was not answered',
    ),
  ),
  row(
    'N16',
    'Roll a disk back to a snapshot',
    [`POST ${snapshots}/{snapshot_id}/rollback`, 'POST /v2/{project_id}/os-vendor-snapshots/{snapshot_id}/rollback'],
    offered(['rollBackSnapshot'], [snapshot('rolls a disk back to one of its own, or says that it does not')]),
  ),
  row(
    'N17',
    'Add and remove tags of a disk',
    [`POST ${disk}/tags/action`, `POST ${diskAlso}/tags/action`],
    offered(
      ['changeDisk', 'repairFinding', 'repairFindingOfDisk', 'sweepBinding', 'adoptFinding', 'importDisks'],
      [changes, marks],
    ),
  ),
  row(
    'N18',
    'Tags of a disk',
    [`GET ${disk}/tags`, `GET ${diskAlso}/tags`],
    notOffered('N2 and N3 tell the tags together with the disk'),
  ),
  row(
    'N19',
    'Find disks by tag',
    [
      'POST /v2/{project_id}/os-vendor-volumes/resource_instances/action',
      'POST /v2/{project_id}/cloudvolumes/resource_instances/action',
    ],
    offered(
      ['requestDisks'],
      [lostAnswer('is found among many others whatever search fails, and only it')],
      'looks for a disk whose creation was not answered; users filter Strata’s own list',
    ),
  ),
  row(
    'N20',
    'All tags of one kind of resource',
    [`GET ${tags}`, 'GET /v2/{project_id}/cloudvolumes/tags'],
    notOffered('it tells of all users of the cloud project together; lists are filtered by tag in Strata'),
  ),
  row(
    'N21',
    'Remove one tag',
    `DELETE ${tags}/{resource_id}/{key}`,
    notOffered('N17 removes all that are to go in one call'),
  ),
  row('N22', 'Add or change tags', `POST ${tags}/{resource_id}`, notOffered('it is deprecated in favour of N17')),
  row(
    'N23',
    'Replace all tags',
    `PUT ${tags}/{resource_id}`,
    notOffered('it is there for compatibility only, and would take tags away that others set meanwhile'),
  ),
  row('N24', 'Read all tags', `GET ${tags}/{resource_id}`, notOffered('it is deprecated; N3 tells them with the disk')),
  row(
    'N24',
    'Read one tag',
    `GET ${tags}/{resource_id}/{key}`,
    notOffered('it is deprecated; N3 tells them with the disk'),
  ),
  row('N25', 'Change one tag', `PUT ${tags}/{resource_id}/{key}`, notOffered('it is deprecated in favour of N17')),
  row('N26', 'Remove many tags', `POST ${tags}/{resource_id}/action`, notOffered('it is deprecated in favour of N17')),
  row('N27', 'Resources by tag', `GET ${tags}/resource_instances`, notOffered('it is deprecated in favour of N19')),
  row(
    'N28',
    'How far a disk is loaded',
    'GET /v3/{project_id}/os-vendor-volumes/{volume_id}/internal-info',
    notOffered('the job alone says when the data is there; progress is reckoned from how long it usually takes'),
  ),
];
