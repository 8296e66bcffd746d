import { z } from 'zod';
import type { CloudDisk } from '../../disk-cloud.js';
import { silentFor } from '../../wire/service-client.js';
import { segment, type OpenstackClient } from '../openstack.client.js';
import { diskOf, Volume } from '../openstack.words.js';
import { readBody } from '../../wire/texts.js';

const Body = z.object({ volume: Volume });

/** `GET /volumes/{id}`. null only when the service itself says that there is no such volume, or that it is another project's. */
export const showVolumeDetails = async (client: OpenstackClient, cloudId: string): Promise<CloudDisk | null> => {
  const answer = await client.read({ method: 'GET', path: `/volumes/${segment(cloudId)}` });
  if (answer.kind === 'answered') {
    const { volume } = readBody(Body, answer);
    const { projectId } = client;
    return (volume['os-vol-tenant-attr:tenant_id'] ?? projectId) === projectId ? diskOf(volume) : null;
  }
  if (answer.reason === 'not-found') return null;
  throw silentFor(answer);
};
