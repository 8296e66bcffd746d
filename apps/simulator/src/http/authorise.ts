import type { Token } from '../world/changes.js';
import type { World } from '../world/world.js';
import type { Route } from './call.js';
import type { Surface } from './envelope.js';
import { refuse, type Refusal, type RefusalCode } from './refusal.js';

/** What a token of another project is told, where it is not told EVS.0001. */
const foreign: Readonly<Partial<Record<Surface, RefusalCode>>> = {
  jobs: 'Common.0018',
  'ecs-jobs': 'Common.0018',
  ecs: 'Ecs.0003',
  nova: 'Ecs.0003',
};

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
    return refuse(foreign[surface] ?? 'EVS.0001');
  }
  return token;
};
