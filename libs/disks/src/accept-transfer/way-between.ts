import type { Access } from '@strata/projects';

/**
 * How a disk gets from a project of one binding into one of another: `at-once` where both lead to the same cloud project, by a
 * transfer of the cloud where both are projects of the same cloud, else not at all.
 */
export type Way = 'at-once' | 'by-transfer' | 'none';

export const wayBetween = (from: Access, to: Access): Way => {
  if (from.kind !== to.kind || from.region !== to.region || !isSameCloud(from, to)) return 'none';
  return from.cloudProjectId === to.cloudProjectId ? 'at-once' : 'by-transfer';
};

/** By the address of block storage; an OpenStack cloud may leave it to Keystone to tell that. */
const isSameCloud = (from: Access, to: Access): boolean => {
  const service = from.kind === 'evs' ? 'evs' : 'cinder';
  const [one, other] = [addressOf(from, service), addressOf(to, service)];
  if (one !== null && other !== null) return one === other;
  const keystone = addressOf(from, 'keystone');
  return keystone !== null && keystone === addressOf(to, 'keystone');
};

/** Spelled alike, and without the cloud project, which the address of Cinder may end with. */
const addressOf = ({ endpoints, cloudProjectId }: Access, service: string): string | null => {
  const address = endpoints[service];
  if (address === undefined) return null;
  const { origin, pathname } = new URL(address);
  const path = pathname.replace(/\/+$/, '');
  return origin + (path.endsWith(`/${cloudProjectId}`) ? path.slice(0, -cloudProjectId.length - 1) : path);
};
