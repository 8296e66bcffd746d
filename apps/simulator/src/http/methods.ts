import type { Method, Route } from './call.js';
import type { Surface } from './envelope.js';

const matches = (pattern: string, path: string): boolean => {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  return wanted.length === given.length && wanted.every((part, index) => part.startsWith(':') || part === given[index]);
};

/** Which methods a path of the surface knows; null for a path that is none of it. */
export const methodsAt = (
  routes: readonly Route[],
  path: string,
): { readonly methods: readonly Method[]; readonly surface: Surface } | null => {
  const found = routes.filter(({ paths }) => paths.some((pattern) => matches(pattern, path)));
  const [first] = found;
  return first ? { methods: found.map(({ method }) => method), surface: first.surface } : null;
};
