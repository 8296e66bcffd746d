import { notOffered, offered, rowsOf } from '../cloud-operation.ts';
import { attachment } from '../tests.ts';

const row = rowsOf('ecs');

const attaches = attachment('attaches a disk, shows where it is, and detaches it');
const attachments = '/v2.1/{project_id}/servers/{server_id}/os-volume_attachments' as const;
const namesNoJob = notOffered('it names no job that could be followed');

/** What disks need of the service of servers (EVS reference §1.6). */
export const serverOperations = [
  row(
    '§1.6',
    'Attach a disk',
    'POST /v1/{project_id}/cloudservers/{server_id}/attachvolume',
    offered(['attachDisk'], [attaches]),
  ),
  row(
    '§1.6',
    'Detach a disk',
    'DELETE /v1/{project_id}/cloudservers/{server_id}/detachvolume/{volume_id}',
    offered(['detachDisk'], [attaches], 'never by force'),
  ),
  row(
    '§1.6',
    'Look at a job of servers',
    'GET /v1/{project_id}/jobs/{job_id}',
    offered(
      ['attachDisk', 'detachDisk'],
      [attachment('tells why an attachment failed, and leaves the disk as it was')],
    ),
  ),
  row('§1.6', 'Attach a disk, as Nova does', `POST ${attachments}`, namesNoJob),
  row('§1.6', 'Detach a disk, as Nova does', `DELETE ${attachments}/{volume_id}`, namesNoJob),
  row(
    '§1.6',
    'Disks of a server',
    'GET /v2.1/servers/{server_id}/block_device',
    notOffered('N2 and N3 tell with each disk which server has it'),
  ),
];
