import { z } from 'zod';
import type { CloudDisk } from '../../disk-cloud.js';
import { silentFor } from '../../wire/service-client.js';
import { segment, type OpenstackClient } from '../openstack.client.js';
import { diskOf, Volume } from '../openstack.words.js';
import { readBody } from '../../wire/texts.js';

const Body = z.object({ volume: Volume });

/** `GET /volumes/{id}`. null only when the service itself says that there is no such volume. */
export const showVolumeDetails = async (client: OpenstackClient, cloudId: string): Promise<CloudDisk | null> => {
  const answer = await client.read({ method: 'GET', path: `/volumes/${segment(cloudId)}` });
  if (answer.kind === 'answered') return diskOf(readBody(Body, answer).volume);
  if (answer.reason === 'not-found') return null;
  throw silentFor(answer);
};
