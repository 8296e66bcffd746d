import type { Route } from './call.js';
import type { Operation } from './operation.js';

/** Of EVS's own calls these answer below `/v3` too (EVS reference §1.2.2); of Cinder's all do that are about a project. */
const native: readonly Operation[] = [
  'disks.create',
  'disks.get',
  'disks.listDetail',
  'tags.change',
  'tags.ofDisk',
  'tags.search',
];

const project = '/v2/:projectId/';

const hasTwin = ({ surface, operation }: Route, path: string): boolean =>
  path.startsWith(project) &&
  !path.startsWith(`${project}os-vendor-tags/`) &&
  (surface === 'cinder' || native.includes(operation));

/** Every row with the paths of its twin, in case it has one. */
export const withTwins = (routes: readonly Route[]): readonly Route[] =>
  routes.map((route) => {
    const twins = route.paths.filter((path) => hasTwin(route, path)).map((path) => path.replace('/v2/', '/v3/'));
    return { ...route, paths: [...route.paths, ...twins.filter((path) => !route.paths.includes(path))] };
  });
