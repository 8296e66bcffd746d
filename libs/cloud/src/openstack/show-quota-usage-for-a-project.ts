import type { CloudQuota } from '../disk-cloud.js';
import { QuotaSet, quotaOf } from '../wire/quota-set.js';
import { readBody } from '../wire/texts.js';
import { segment, type OpenstackClient } from './openstack.client.js';

/** `GET /os-quota-sets/{project}?usage=True`. */
export const showQuotaUsage = async (client: OpenstackClient): Promise<CloudQuota> => {
  const answer = await client.readAnswer({
    method: 'GET',
    path: `/os-quota-sets/${segment(client.projectId)}`,
    query: { usage: 'True' },
  });
  return quotaOf(readBody(QuotaSet, answer));
};
