import type { Token } from '../world/changes.js';
import type { World } from '../world/world.js';
import type { Route } from './call.js';
import { refuse, type Refusal } from './refusal.js';

/** Whose call this is: null where nobody needs to be known. */
export const authorise = (
  { tokens }: World,
  { auth = 'project', surface }: Route,
  value: string | undefined,
  projectId: string,
  nowMs: number,
): Token | null | Refusal => {
  if (auth === 'none') return null;
  if (!value) return refuse('APIG.0301', 'X-Auth-Token is missing');
  const token = tokens.get(value);
  if (!token || token.expiresMs <= nowMs) return refuse('APIG.0307');
  if (auth === 'project' && token.projectId !== projectId) {
    return refuse(surface === 'jobs' ? 'Common.0018' : 'EVS.0001');
  }
  return token;
};
