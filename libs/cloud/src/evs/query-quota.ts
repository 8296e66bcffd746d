import type { CloudQuota } from '../disk-cloud.js';
import { QuotaSet, quotaOf } from '../wire/quota-set.js';
import { readBody } from '../wire/texts.js';
import { segment, type EvsClient } from './evs.client.js';

/** C10. */
export const queryQuota = async (client: EvsClient): Promise<CloudQuota> => {
  const answer = await client.readAnswer({
    method: 'GET',
    version: 'v2',
    path: `/os-quota-sets/${segment(client.projectId)}`,
    query: { usage: 'True' },
  });
  return quotaOf(readBody(QuotaSet, answer));
};
