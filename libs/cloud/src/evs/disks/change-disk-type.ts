import { CloudSilent, type Sent, type WriteOptions } from '../../disk-cloud.js';
import { segment, type EvsClient } from '../evs.client.js';
import type { WriteWindow } from '../../wire/service-client.js';
import { diskStatusOf } from '../evs.words.js';
import { sentAsJob } from '../query-job.js';
import { readBody } from '../../wire/texts.js';
import { askForDisks, DiskPage } from './query-all-disks.js';

/** Changing at a time in one project; whether it is counted so is not documented (EVS reference §1.5, §8.5). */
const mostAtOnce = 10;

/**
 * N6. Which code says that ten disks are being changed is not documented: a refusal without a cause of its own is put down
 * to them where the cloud shows them, and then nothing happened. One of the ten may end between the refusal and the look:
 * where there is room, it is asked once more, and only what is refused again is refused.
 */
export const changeDiskType = async (
  client: EvsClient,
  cloudId: string,
  type: string,
  options: WriteOptions,
): Promise<Sent> => {
  const window = client.window(options);
  const first = await askOnce(client, cloudId, type, window);
  return isUnexplained(first) ? askOnce(client, cloudId, type, window) : first;
};

const askOnce = async (client: EvsClient, cloudId: string, type: string, window: WriteWindow): Promise<Sent> => {
  const path = `/volumes/${segment(cloudId)}/retype`;
  const body = { 'os-retype': { new_type: type } };
  const sent = sentAsJob(await client.write({ method: 'POST', version: 'v2', path, body }, window), cloudId);
  const putOff = isUnexplained(sent) ? await putOffBy(client) : undefined;
  return isUnexplained(sent) && putOff ? { outcome: 'not-now', fault: sent.fault, ...putOff } : sent;
};

const isUnexplained = (sent: Sent): sent is Extract<Sent, { outcome: 'refused' }> =>
  sent.outcome === 'refused' && sent.reason === 'invalid';

type PutOff = Pick<Extract<Sent, { outcome: 'not-now' }>, 'why' | 'retryAfterMs'>;

/** Undefined where there is room. While the cloud does not tell, nobody knows why it was refused: only that nothing happened. */
const putOffBy = async (client: EvsClient): Promise<PutOff | undefined> => {
  try {
    const answer = await askForDisks(client, { status: 'retyping', limit: String(mostAtOnce) });
    // Who may not look learns no more by waiting.
    if (answer.kind === 'refused') return undefined;
    const { volumes } = readBody(DiskPage, answer);
    const changing = volumes.filter(({ status }) => diskStatusOf(status) === 'retyping');
    return changing.length >= mostAtOnce ? { why: 'unavailable', retryAfterMs: null } : undefined;
  } catch (error) {
    if (!(error instanceof CloudSilent)) throw error;
    return { why: error.why === 'throttled' ? 'throttled' : 'unavailable', retryAfterMs: error.retryAfterMs };
  }
};
