import { z } from 'zod';
import type { CloudDisk } from '../../disk-cloud.js';
import type { EvsClient } from '../evs.client.js';
import { diskOf, Volume } from '../evs.words.js';
import { readBody } from '../../wire/texts.js';

const TagSearch = z.object({ resources: z.array(z.object({ resource_detail: Volume })) });

/** N19: disks that carry this tag with this value. A POST without effect. */
export const queryDisksByTag = async (client: EvsClient, key: string, value: string): Promise<readonly CloudDisk[]> => {
  const answer = await client.readAnswer({
    method: 'POST',
    version: 'v2',
    path: '/os-vendor-volumes/resource_instances/action',
    body: { action: 'filter', tags: [{ key, values: [value] }], limit: 1000, offset: 0 },
  });
  return readBody(TagSearch, answer).resources.map(({ resource_detail }) => diskOf(resource_detail));
};
