import type { Cloud } from '../cloud.js';
import type { Route } from '../http/call.js';
import { isObject, member } from '../http/read.js';
import { isRefusal, refuse } from '../http/refusal.js';
import { retypeDisk } from '../world/retype-work.js';

/** Change the type of a disk (N6): below `/volumes`, yet answered with a job. */
export const retypeRoutes = (cloud: Cloud): readonly Route[] => [
  {
    operation: 'disks.retype',
    method: 'POST',
    paths: ['/v2/:projectId/volumes/:volumeId/retype'],
    surface: 'native',
    malformed: 'EVS.1011',
    writes: true,
    handle: (call) => {
      const retype = member(call.body, 'os-retype');
      if (!isObject(retype)) return refuse('EVS.1011', 'os-retype is missing');
      const newType = retype['new_type'];
      if (typeof newType !== 'string' || newType === '') return refuse('EVS.2083', 'new_type');
      const accepted = retypeDisk(cloud, call, newType);
      return isRefusal(accepted) ? accepted : { status: 202, body: { job_id: accepted.jobId } };
    },
  },
];
