/** The calls by name, as they stand in fault switches and in the request counts. */
export const OPERATIONS = [
  'tokens.issue',
  'tokens.show',
  'tokens.check',
  'tokens.revoke',
  'projects.list',
  'disks.create',
  'disks.list',
  'disks.get',
  'disks.delete',
  'disks.extend',
  'jobs.get',
  'tags.change',
  'tags.ofDisk',
  'tags.ofProject',
  'tags.search',
  'tags.remove',
  'volumes.create',
  'volumes.list',
  'volumes.listBrief',
  'volumes.get',
  'volumes.update',
  'volumes.delete',
  'volumes.action',
  'metadata.list',
  'metadata.merge',
  'metadata.replace',
  'metadata.get',
  'metadata.set',
  'metadata.remove',
  'types.list',
  'types.get',
  'quotas.get',
  'zones.list',
  'servers.list',
  'servers.get',
  'servers.blockDevices',
  'servers.attach',
  'servers.detach',
  'serverJobs.get',
  'attachments.create',
  'attachments.list',
  'attachments.get',
  'attachments.remove',
  'versions.list',
  'versions.get',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Whether a name, in which one `*` stands for anything, covers an operation: `disks.*`, `*.create`. */
export const covers = (pattern: string, operation: Operation): boolean => {
  const [head = '', tail, ...more] = pattern.split('*');
  if (tail === undefined) return pattern === operation;
  return more.length === 0 && operation.startsWith(head) && operation.slice(head.length).endsWith(tail);
};
