import type { ServedCall } from '@strata/simulator';
import type { AdapterCall } from './adapter-calls.ts';
import type { CloudOperation } from './cloud-operation.ts';

const isParameter = (segment: string): boolean => segment.startsWith('{');
const isId = (segment: string): boolean => segment === '{}' || segment.startsWith(':');
const kindsOfResource = ['volumes', 'snapshots', 'backups'];

const agree = (listed: string, made: string): boolean => {
  if (made === '*') return true;
  if (!isParameter(listed)) return listed === made;
  return isId(made) || (listed === '{resource_type}' && kindsOfResource.includes(made));
};

const leadsTo = (listed: string, made: string): boolean => {
  const [wanted, given] = [listed.split('/'), made.split('/')];
  return wanted.length === given.length && wanted.every((segment, index) => agree(segment, given[index] ?? ''));
};

/** Whether an adapter's call is this operation. */
export const isMadeBy = (operation: CloudOperation, { services, method, path, action }: AdapterCall): boolean =>
  path !== null &&
  services.includes(operation.service) &&
  method === operation.method &&
  (operation.action === undefined || operation.action === action) &&
  operation.paths.some((listed) => leadsTo(listed, path));

/** Whether the simulator answers this operation: services other than EVS have a prefix there. */
export const isServedBy = (operation: CloudOperation, { method, path, actions }: ServedCall): boolean => {
  const prefix = operation.service === 'evs' ? '' : `/${operation.service}`;
  return (
    method === operation.method &&
    (operation.action === undefined || actions.includes(operation.action)) &&
    operation.paths.some((listed) => leadsTo(prefix + listed, path) || isVersion(listed, path))
  );
};

/** The versions stand one by one in the simulator's table. */
const isVersion = (listed: string, path: string): boolean => listed === '/{api_version}' && /^\/v\d+$/.test(path);
