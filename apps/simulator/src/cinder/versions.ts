import type { Route } from '../http/call.js';
import { refuse } from '../http/refusal.js';

interface Version {
  readonly path: string;
  readonly id: string;
  readonly status: string;
  readonly version: string;
  readonly minVersion: string;
  readonly updated: string;
}

const versions: readonly Version[] = [
  { path: 'v2', id: 'v2.0', status: 'SUPPORTED', version: '', minVersion: '', updated: '2014-06-28T12:20:21Z' },
  { path: 'v3', id: 'v3.0', status: 'CURRENT', version: '3.50', minVersion: '3.0', updated: '2016-02-08T12:20:21Z' },
];

/** Which versions of the API there are (C13): all of them with 300, a single one with 200. Nobody needs to be known. */
export const versionRoutes: readonly Route[] = [
  {
    operation: 'versions.list',
    method: 'GET',
    paths: ['/'],
    surface: 'cinder',
    auth: 'none',
    handle: ({ baseUrl }) => ({ status: 300, body: { versions: versions.map((version) => view(version, baseUrl)) } }),
  },
  {
    operation: 'versions.get',
    method: 'GET',
    paths: ['/v2', '/v2/', '/v3', '/v3/'],
    surface: 'cinder',
    auth: 'none',
    handle: ({ baseUrl, path }) => {
      const version = versions.find((each) => path.replaceAll('/', '') === each.path);
      return version ? { status: 200, body: { versions: [view(version, baseUrl)] } } : refuse('APIG.0101');
    },
  },
];

const view = ({ path, id, status, version, minVersion, updated }: Version, baseUrl: string) => ({
  id,
  status,
  version,
  min_version: minVersion,
  updated,
  links: [{ rel: 'self', href: `${baseUrl}/${path}` }],
  'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.volume+json;version=1' }],
});
