import { z } from 'zod';
import type { CloudSnapshot } from '../../snapshot-cloud.js';
import { silentFor } from '../../wire/service-client.js';
import { segment, type OpenstackClient } from '../openstack.client.js';
import { Snapshot, snapshotOf } from '../openstack.snapshot-words.js';
import { readBody } from '../../wire/texts.js';

const Body = z.object({ snapshot: Snapshot });

/** `GET /snapshots/{id}`. null only when the service itself says that there is no such snapshot, or that it is another project's. */
export const showSnapshotDetails = async (client: OpenstackClient, cloudId: string): Promise<CloudSnapshot | null> => {
  const answer = await client.read({ method: 'GET', path: `/snapshots/${segment(cloudId)}` });
  if (answer.kind === 'answered') {
    const { snapshot } = readBody(Body, answer);
    const { projectId } = client;
    return (snapshot['os-extended-snapshot-attributes:project_id'] ?? projectId) === projectId
      ? snapshotOf(snapshot)
      : null;
  }
  if (answer.reason === 'not-found') return null;
  throw silentFor(answer);
};
