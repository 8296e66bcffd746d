import type { Cloud } from '../cloud.js';
import type { Call, Route } from '../http/call.js';
import type { Answer } from '../http/envelope.js';
import { isObject } from '../http/read.js';
import { isRefusal, refuse, type Refusal } from '../http/refusal.js';
import { changeDisk, extendDisk, findVolume } from '../world/disk-work.js';
import { uploadImage } from './upload-image.js';

type Action = (cloud: Cloud, call: Call, parameters: unknown) => Answer | Refusal;

/** `POST /volumes/{id}/action` with one action as its only member (C4). */
export const volumeActionRoutes = (cloud: Cloud): readonly Route[] => [
  {
    operation: 'volumes.action',
    method: 'POST',
    paths: ['/v2/:projectId/volumes/:volumeId/action'],
    actions: [...actions.keys()],
    surface: 'cinder',
    malformed: 'EVS.5400',
    writes: true,
    handle: (call) => {
      const [name, ...others] = isObject(call.body) ? Object.keys(call.body) : [];
      const action = name === undefined || others.length > 0 ? undefined : actions.get(name);
      if (!action || name === undefined) return refuse('EVS.5400', 'there is no such action');
      return action(cloud, call, isObject(call.body) ? call.body[name] : undefined);
    },
  },
];

const extend: Action = (cloud, call, parameters) => {
  const newSize = isObject(parameters) ? parameters['new_size'] : undefined;
  if (typeof newSize !== 'number' || !Number.isInteger(newSize) || newSize < 1)
    return refuse('EVS.1010', 'new_size must be a positive integer');
  const accepted = extendDisk(cloud, call, newSize);
  return isRefusal(accepted) ? accepted : { status: 202 };
};

const setBootable: Action = (cloud, call, parameters) => {
  const bootable = isObject(parameters) ? parameters['bootable'] : undefined;
  if (typeof bootable !== 'boolean') return refuse('EVS.5400', 'bootable must be a boolean');
  const volume = findVolume(cloud, call);
  if (isRefusal(volume)) return volume;
  changeDisk(cloud, call, { ...volume, bootable });
  return { status: 200 };
};

const setReadonly: Action = (cloud, call, parameters) => {
  const readonly = isObject(parameters) ? parameters['readonly'] : undefined;
  if (typeof readonly !== 'boolean') return refuse('EVS.5400', 'readonly must be a boolean');
  const volume = findVolume(cloud, call);
  if (isRefusal(volume)) return volume;
  changeDisk(cloud, call, { ...volume, metadata: { ...volume.metadata, readonly: readonly ? 'True' : 'False' } });
  return { status: 202 };
};

const actions: ReadonlyMap<string, Action> = new Map([
  ['os-extend', extend],
  ['os-set_bootable', setBootable],
  ['os-update_readonly_flag', setReadonly],
  ['os-volume_upload_image', uploadImage],
]);
