import { isSignedWith, readSignature, signedAtMs, type SignedRequest } from '../iam/signature.js';
import type { AccessKey } from '../world/access-key.js';
import type { Token } from '../world/changes.js';
import type { World } from '../world/world.js';
import type { Call, Route } from './call.js';
import type { Surface } from './envelope.js';
import { isRefusal, refuse, type Refusal, type RefusalCode } from './refusal.js';

/** What the caller of another project is told, where it is not told EVS.0001. */
const foreign: Readonly<Partial<Record<Surface, RefusalCode>>> = {
  jobs: 'Common.0018',
  'ecs-jobs': 'Common.0018',
  ecs: 'Ecs.0003',
  nova: 'Ecs.0003',
};

/** How far the time of a signature may be from ours (EVS reference §7.2). */
const SKEW_MS = 15 * 60_000;

/** What of a request tells who sent it. */
export type Asking = Pick<Call, 'projectId' | 'nowMs'> & SignedRequest;

/** Whose call this is, by token or by signature: null where nobody needs to be known. */
export const authorise = (
  world: World,
  { auth = 'project', surface }: Route,
  asking: Asking,
): Token | null | Refusal => {
  if (auth === 'none') return null;
  const caller = callerOf(world, asking);
  if (isRefusal(caller) || auth !== 'project' || caller.projectId === asking.projectId) return caller;
  return refuse(foreign[surface] ?? 'EVS.0001');
};

const callerOf = (world: World, asking: Asking): Token | Refusal => {
  const value = asking.headers['x-auth-token'];
  const authorization = asking.headers['authorization'];
  if (value) return holderOf(world, value, asking.nowMs);
  if (authorization) return signerOf(world, authorization, asking);
  return refuse('APIG.0301', 'neither X-Auth-Token nor a signature is there');
};

const holderOf = ({ tokens }: World, value: string, nowMs: number): Token | Refusal => {
  const token = tokens.get(value);
  return token && token.expiresMs > nowMs ? token : refuse('APIG.0307');
};

const signerOf = (world: World, authorization: string, asking: Asking): Token | Refusal => {
  const signature = readSignature(authorization);
  if (!signature) return refuse('APIG.0301', 'the Authorization header cannot be read');
  const atMs = signedAtMs(asking);
  if (atMs === null || Math.abs(atMs - asking.nowMs) > SKEW_MS)
    return refuse('APIG.0301', 'X-Sdk-Date is missing or more than 15 minutes off');
  const key = world.accessKeys.get(signature.accessKey);
  if (!key) return refuse('APIG.0301', 'there is no such access key');
  if (!isSignedWith(key.secretKey, asking, signature)) return refuse('APIG.0301', 'the signature is wrong');
  return unusable(key, asking) ?? asToken(world, key, asking);
};

/** Told only to who holds the secret. */
const unusable = ({ active, expiresMs, securityToken }: AccessKey, { headers, nowMs }: Asking): Refusal | null => {
  if (!active) return refuse('IAM.1107');
  if ((headers['x-security-token'] ?? null) !== securityToken)
    return refuse('APIG.0301', 'X-Security-Token does not belong to the access key');
  return expiresMs !== null && expiresMs <= nowMs ? refuse('IAM.1108') : null;
};

/** Without X-Project-Id the caller is in the user's main project, the first that was seeded. */
const asToken = ({ projects, seed }: World, { expiresMs }: AccessKey, { headers, nowMs }: Asking): Token | Refusal => {
  const projectId = headers['x-project-id'] ?? seed.projects[0]?.id ?? null;
  if (projectId !== null && !projects.has(projectId)) return refuse('IAM.1109');
  return { value: '', userId: seed.user.id, projectId, issuedMs: nowMs, expiresMs: expiresMs ?? Infinity };
};
