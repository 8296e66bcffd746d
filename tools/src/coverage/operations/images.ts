import { notOffered, notYet, offered, rowsOf } from '../cloud-operation.ts';
import { imageList } from '../tests.ts';

const row = rowsOf('ims');

const imageCommands = notYet('the commands of images');

/** The service of images (EVS reference §6). */
export const imageOperations = [
  row(
    '§6',
    'List images',
    'GET /v2/cloudimages',
    offered(
      ['listImages'],
      [
        imageList('are read as IMS writes them, on a path without the project'),
        imageList('are read to the end, page by page'),
      ],
      'fetched in the background, shown with its age',
    ),
  ),
  row('§6', 'List images, as Glance does', 'GET /v2/images', notYet('images of an OpenStack cloud')),
  row('§6', 'Show an image', 'GET /v2/images/{image_id}', notOffered('the list tells every image')),
  row('§6', 'Delete an image', 'DELETE /v2/images/{image_id}', imageCommands),
  row(
    '§6',
    'Make an image of a server, a disk or a file',
    'POST /v2/cloudimages/action',
    notOffered('images of disks are made with C4; servers and files are no business of a storage control plane'),
  ),
  row('§6', 'Look at a job of images', 'GET /v1/{project_id}/jobs/{job_id}', imageCommands),
  row('§6', 'Quota of images', 'GET /v1/cloudimages/quota', imageCommands),
];
