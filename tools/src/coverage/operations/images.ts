import { notOffered, offered, rowsOf } from '../cloud-operation.ts';
import { glanceImage, imageList } from '../tests.ts';

const row = rowsOf('ims');

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
  row(
    '§6',
    'List images, as Glance does',
    'GET /v2/images',
    offered(
      ['listImages', 'imageDisk'],
      [
        glanceImage('are listed to the end, in our words'),
        glanceImage('are found by their name among those that the project made since'),
      ],
      'on OpenStack',
    ),
  ),
  row(
    '§6',
    'Show an image',
    'GET /v2/images/{image_id}',
    offered(
      ['imageDisk'],
      [glanceImage('are shown one by one, and are absent only when the service says so')],
      'on OpenStack; on EVS the list with a filter',
    ),
  ),
  row(
    '§6',
    'Delete an image',
    'DELETE /v2/images/{image_id}',
    notOffered(
      'images outlive the disks that they are made of, and are shared past Strata’s projects: they are kept in IMS',
    ),
  ),
  row(
    '§6',
    'Make an image of a server, a disk or a file',
    'POST /v2/cloudimages/action',
    notOffered('images of disks are made with C4; servers and files are no business of a storage control plane'),
  ),
  row(
    '§6',
    'Look at a job of images',
    'GET /v1/{project_id}/jobs/{job_id}',
    notOffered('an image made of a disk is followed by its status; no call that Strata makes answers with such a job'),
  ),
  row(
    '§6',
    'Quota of images',
    'GET /v1/cloudimages/quota',
    notOffered(
      'images are not charged to a project: where there are too many the cloud refuses, and the operation says so',
    ),
  ),
];
