import { z } from 'zod';
import { CloudSilent, type CloudDisk } from '../../disk-cloud.js';
import { segment, type EvsClient } from '../evs.client.js';
import { diskOf, Volume } from '../evs.words.js';
import { readBody } from '../../wire/texts.js';

const Body = z.object({ volume: Volume });

/** N3. null only when the service itself says that there is no such disk. */
export const queryDisk = async (client: EvsClient, cloudId: string): Promise<CloudDisk | null> => {
  const path = `/os-vendor-volumes/${segment(cloudId)}`;
  const answer = await client.read({ method: 'GET', version: 'v2', path });
  if (answer.kind === 'answered') return diskOf(readBody(Body, answer).volume);
  if (answer.reason === 'not-found') return null;
  throw new CloudSilent(answer.fault, answer.reason === 'forbidden' ? 'unauthenticated' : 'unavailable', null);
};
