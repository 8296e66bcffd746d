import { notOffered, offered, rowsOf, type Test } from '../cloud-operation.ts';
import {
  anyCloud,
  cinderCall,
  cinderList,
  cinderSnapshot,
  evsCall,
  glanceImage,
  imageOfDisk,
  snapshot,
} from '../tests.ts';
import { transferOperations } from './transfers.ts';

const row = rowsOf('evs');

const disks = '/v2/{project_id}/volumes' as const;
const disk = '/v2/{project_id}/volumes/{volume_id}' as const;
const snapshots = '/v2/{project_id}/snapshots' as const;

const changes = evsCall('changes name, metadata and tags in the calls that the examples show, removals first');
const marks = anyCloud('takes our marker on in place of another, and stays what it was else, where %s');
const changesVolume = cinderCall('changes a volume in parts: what goes before what comes');
const flags = [
  evsCall('sets the flags of a disk before anything else'),
  anyCloud('makes a disk bootable and read-only, and back'),
];
const changesSnapshot = snapshot('changes name, description and metadata, and leaves the rest');

const statesOnly = notOffered('it changes states only, and attaches nothing: the service of the servers does (§1.6)');
const takesSnapshot = snapshot('takes one as asked, with its marker, and shows it to every way of looking');
const snapshotsOnOpenstack = (commands: readonly string[], test: Test, twin: string) =>
  offered(commands, [test], `on OpenStack; on EVS ${twin}`);
const toldWithDisk = notOffered('the metadata is told together with the disk');
const toldWithSnapshot = notOffered('the metadata is told together with the snapshot');
const replacesAll = notOffered('it would take Strata’s marker away; POST changes what is to change');

/** What EVS has in common with Cinder (EVS reference §1.2.2); an OpenStack cloud is spoken to in these calls alone. */
export const cinderOperations = [
  row(
    'C1',
    'Create a disk',
    `POST ${disks}`,
    offered(
      ['requestDisks', 'retryOperation'],
      [cinderCall('creates a volume with marker and tags in its metadata, and is answered with its id')],
      'on OpenStack; on EVS N1, which takes tags',
    ),
  ),
  row('C2', 'List disks in brief', `GET ${disks}`, notOffered('it tells less than the list in full')),
  row(
    'C2',
    'List disks in full',
    `GET ${disks}/detail`,
    offered(
      ['sweepBinding', 'checkBinding', 'requestDisks'],
      [cinderList('is read to its end by the markers of its links, newest first, and never follows them')],
      'on OpenStack; on EVS N2',
    ),
  ),
  row(
    'C3',
    'Show a disk',
    `GET ${disk}`,
    offered(
      ['refreshDisk', 'changeDisk', 'extendDisk', 'retypeDisk', 'deleteDisk'],
      [cinderList('of which %s, without those that are gone')],
      'on OpenStack; on EVS N3',
    ),
  ),
  row(
    'C3',
    'Rename a disk',
    `PUT ${disk}`,
    offered(['changeDisk', 'repairFinding', 'repairFindingOfDisk'], [changes, changesVolume]),
  ),
  row(
    'C3',
    'Delete a disk',
    `DELETE ${disk}`,
    offered(['deleteDisk'], [cinderCall('deletes without the snapshots')], 'on OpenStack; on EVS N4'),
  ),
  row(
    'C4',
    'Extend a disk',
    `POST ${disk}/action os-extend`,
    offered(
      ['extendDisk'],
      [cinderCall('extends also what is in use, where the release can')],
      'on OpenStack; on EVS N5, which names a job',
    ),
  ),
  row('C4', 'Make a disk bootable or not', `POST ${disk}/action os-set_bootable`, offered(['changeDisk'], flags)),
  row(
    'C4',
    'Make a disk read-only or not',
    `POST ${disk}/action os-update_readonly_flag`,
    offered(['changeDisk'], flags),
  ),
  row(
    'C4',
    'Make an image of a disk',
    `POST ${disk}/action os-volume_upload_image`,
    offered(
      ['imageDisk'],
      [
        imageOfDisk('are asked for as the example shows, and answered with their id'),
        glanceImage('is asked for in Cinder, and answered with its id'),
      ],
      'of EVS bindings that name the service of images, and of OpenStack clouds that have Glance',
    ),
  ),
  row('C4', 'Mark as attached', `POST ${disk}/action os-attach`, statesOnly),
  row('C4', 'Mark as detached', `POST ${disk}/action os-detach`, statesOnly),
  row('C4', 'Mark as reserved', `POST ${disk}/action os-reserve`, statesOnly),
  row('C4', 'Mark as free again', `POST ${disk}/action os-unreserve`, statesOnly),
  row(
    '§9',
    'Change the type of a disk, upstream',
    `POST ${disk}/action os-retype`,
    offered(
      ['retypeDisk'],
      [cinderCall('changes the type, moving the volume where the type asks for it, and is followed by its status')],
      'on OpenStack; on EVS N6',
    ),
  ),
  row(
    '§9',
    'Roll a disk back to its newest snapshot, upstream',
    `POST ${disk}/action revert`,
    offered(['rollBackSnapshot'], [cinderSnapshot('asks for the version that has it')], 'on OpenStack; on EVS N16'),
  ),
  row(
    'C5',
    'List disk types',
    'GET /v2/{project_id}/types',
    offered(
      ['listDiskTypes'],
      [
        evsCall('tells the types and zones of the examples'),
        cinderCall('tells the zones of a type where the cloud shows them'),
      ],
      'fetched in the background, shown with its age',
    ),
  ),
  row(
    'C5',
    'Show a disk type',
    'GET /v2/{project_id}/types/{type_id}',
    notOffered('the list tells every type with its zones'),
  ),
  row('C6', 'Metadata of a disk', `GET ${disk}/metadata`, toldWithDisk),
  row(
    'C6',
    'Add or change metadata',
    `POST ${disk}/metadata`,
    offered(
      ['changeDisk', 'repairFinding', 'repairFindingOfDisk', 'sweepBinding', 'adoptFinding', 'importDisks'],
      [changes, changesVolume, marks],
    ),
  ),
  row('C6', 'Replace all metadata', `PUT ${disk}/metadata`, replacesAll),
  row('C6', 'One entry of metadata', `GET ${disk}/metadata/{key}`, toldWithDisk),
  row(
    'C6',
    'Change one entry of metadata',
    `PUT ${disk}/metadata/{key}`,
    notOffered('POST changes all that is to change in one call'),
  ),
  row(
    'C6',
    'Remove one entry of metadata',
    `DELETE ${disk}/metadata/{key}`,
    offered(['changeDisk', 'repairFinding', 'repairFindingOfDisk'], [changes, changesVolume]),
  ),
  row(
    'C7',
    'Create a snapshot',
    `POST ${snapshots}`,
    snapshotsOnOpenstack(
      ['requestSnapshot'],
      cinderSnapshot('is created with its marker in the metadata, and answered with its id'),
      'N11',
    ),
  ),
  row('C7', 'List snapshots in brief', `GET ${snapshots}`, notOffered('it tells less than the list in full')),
  row(
    'C7',
    'List snapshots in full',
    `GET ${snapshots}/detail`,
    snapshotsOnOpenstack(
      ['requestSnapshot', 'sweepBinding'],
      cinderSnapshot('is looked for among those of its disk, also where the filter is ignored'),
      'N15',
    ),
  ),
  row(
    'C7',
    'Show a snapshot',
    `GET ${snapshots}/{snapshot_id}`,
    snapshotsOnOpenstack(
      ['requestSnapshot', 'changeSnapshot', 'deleteSnapshot', 'rollBackSnapshot'],
      takesSnapshot,
      'N14',
    ),
  ),
  row(
    'C7',
    'Rename a snapshot',
    `PUT ${snapshots}/{snapshot_id}`,
    snapshotsOnOpenstack(
      ['changeSnapshot'],
      cinderSnapshot('is changed part by part, and leaves the marker alone'),
      'N13',
    ),
  ),
  row(
    'C7',
    'Delete a snapshot',
    `DELETE ${snapshots}/{snapshot_id}`,
    snapshotsOnOpenstack(
      ['deleteSnapshot', 'approveRemoval'],
      cinderSnapshot('is deleted, unless it is in use'),
      'N12',
    ),
  ),
  row('C8', 'Metadata of a snapshot', `GET ${snapshots}/{snapshot_id}/metadata`, toldWithSnapshot),
  row(
    'C8',
    'Add or change metadata',
    `POST ${snapshots}/{snapshot_id}/metadata`,
    offered(
      ['changeSnapshot', 'sweepBinding'],
      [changesSnapshot, snapshot('takes our marker on in place of another, and stays what it was else')],
    ),
  ),
  row('C8', 'Replace all metadata', `PUT ${snapshots}/{snapshot_id}/metadata`, replacesAll),
  row('C8', 'One entry of metadata', `GET ${snapshots}/{snapshot_id}/metadata/{key}`, toldWithSnapshot),
  row(
    'C8',
    'Change one entry of metadata',
    `PUT ${snapshots}/{snapshot_id}/metadata/{key}`,
    notOffered('POST changes all that is to change in one call'),
  ),
  row(
    'C8',
    'Remove one entry of metadata',
    `DELETE ${snapshots}/{snapshot_id}/metadata/{key}`,
    offered(['changeSnapshot'], [changesSnapshot]),
  ),
  ...transferOperations,
  row(
    'C10',
    'Quota and usage',
    'GET /v2/{project_id}/os-quota-sets/{target_project_id}',
    offered(
      ['getQuota'],
      [evsCall('tells the quota of the example in our dimensions'), cinderCall('tells the quota in our dimensions')],
      'fetched in the background; the cloud’s figures stand beside Strata’s own',
    ),
  ),
  row(
    'C11',
    'Availability zones',
    'GET /v2/{project_id}/os-availability-zone',
    offered(
      ['listAvailabilityZones'],
      [
        evsCall('tells the types and zones of the examples'),
        anyCloud('tells its types and zones, and that the access is good'),
      ],
      'fetched in the background, shown with its age',
    ),
  ),
  row(
    'C12',
    'Extensions',
    'GET /v2/{project_id}/extensions',
    notOffered('it tells of names, not of what really works'),
  ),
  row('C13', 'All versions', 'GET /', notOffered('the binding names the addresses, and Strata speaks one version')),
  row(
    'C13',
    'One version',
    'GET /{api_version}',
    notOffered('the binding names the addresses, and Strata speaks one version'),
  ),
  row(
    'C14',
    'Number and size of all disks',
    'GET /v3/{project_id}/volumes/summary',
    notOffered('it is there in v3 only, and C10 tells the same by type'),
  ),
  row(
    'C15',
    'Show a disk, first version',
    'GET /v1/{project_id}/volumes/{volume_id}',
    notOffered('it is deprecated; N3 tells more'),
  ),
];
