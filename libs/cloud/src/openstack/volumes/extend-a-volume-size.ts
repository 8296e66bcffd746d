import { CloudSilent, type Sent, type WriteOptions } from '../../disk-cloud.js';
import { segment, type OpenstackClient } from '../openstack.client.js';
import { isTooNew } from '../openstack.faults.js';
import type { Answered, NotAccepted, WriteWindow } from '../../wire/service-client.js';
import { showVolumeDetails } from './show-a-volumes-details.js';

/** Since this version a volume may be extended while a server uses it. */
const extendsInUse = '3.42';

/**
 * `os-extend`. Cinder refuses a size that the volume has already with the same 400 as any other mistake: then the volume is
 * read, and a size that is reached is a `state-conflict`.
 */
export const extendVolumeSize = async (
  client: OpenstackClient,
  cloudId: string,
  sizeGiB: number,
  options: WriteOptions,
): Promise<Sent> => {
  const answer = await extend(client, cloudId, sizeGiB, client.window(options));
  if ('kind' in answer) return { outcome: 'accepted', jobId: null, cloudId, requestId: answer.requestId };
  const isReached =
    answer.outcome === 'refused' && answer.reason === 'invalid' && (await hasSize(client, cloudId, sizeGiB));
  return isReached ? { ...answer, reason: 'state-conflict' } : answer;
};

/** What a release that does not know the version offers is tried then. */
const extend = async (
  client: OpenstackClient,
  cloudId: string,
  sizeGiB: number,
  window: WriteWindow,
): Promise<Answered | NotAccepted> => {
  const call = {
    method: 'POST',
    path: `/volumes/${segment(cloudId)}/action`,
    body: { 'os-extend': { new_size: sizeGiB } },
  } as const;
  const answer = await client.write({ ...call, microversion: extendsInUse }, window);
  const isOld = 'outcome' in answer && answer.outcome === 'refused' && isTooNew(answer.fault);
  return isOld ? client.write(call, window) : answer;
};

/** The refusal stands however this look ends. */
const hasSize = async (client: OpenstackClient, cloudId: string, sizeGiB: number): Promise<boolean> => {
  try {
    const disk = await showVolumeDetails(client, cloudId);
    return disk !== null && disk.sizeGiB >= sizeGiB;
  } catch (error) {
    if (error instanceof CloudSilent) return false;
    throw error;
  }
};
