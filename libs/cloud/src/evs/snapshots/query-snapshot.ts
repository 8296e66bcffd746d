import { z } from 'zod';
import { CloudSilent } from '../../disk-cloud.js';
import type { CloudSnapshot } from '../../snapshot-cloud.js';
import { segment, type EvsClient } from '../evs.client.js';
import { Snapshot, snapshotOf } from '../evs.snapshot-words.js';
import { readBody } from '../../wire/texts.js';

const Body = z.object({ snapshot: Snapshot });

/** N14. null only when the service itself says that there is no such snapshot. */
export const querySnapshot = async (client: EvsClient, cloudId: string): Promise<CloudSnapshot | null> => {
  const path = `/cloudsnapshots/${segment(cloudId)}`;
  const answer = await client.read({ method: 'GET', version: 'v2', path });
  if (answer.kind === 'answered') return snapshotOf(readBody(Body, answer).snapshot);
  if (answer.reason === 'not-found') return null;
  throw new CloudSilent(answer.fault, answer.reason === 'forbidden' ? 'unauthenticated' : 'unavailable', null);
};
