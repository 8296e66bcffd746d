import { everything, type ProjectNode, type Sight } from '@strata/event-store';
import { ProjectId } from '@strata/kernel';
import { z } from 'zod';
import { ProjectRole, Role } from '../project/role.js';

export const Grant = z.object({ role: Role, projectId: ProjectId });
export type Grant = z.infer<typeof Grant>;

/** Who asks, as far as rights go. */
export interface Grantee {
  readonly grants: readonly Grant[];
}

const holds = (caller: Grantee, role: Role) => caller.grants.some((grant) => grant.role === role);

export const isPlatformAdmin = (caller: Grantee): boolean => holds(caller, 'platform-admin');

export const seesEverything = (caller: Grantee): boolean => isPlatformAdmin(caller) || holds(caller, 'auditor');

/** What the caller's reads may touch; row-level security holds them to it. */
export const sightOf = (caller: Grantee): Sight =>
  seesEverything(caller) ? everything : { all: false, nodes: caller.grants.map((grant) => grant.projectId) };

export const seesNode = (caller: Grantee, path: readonly string[]): boolean =>
  seesEverything(caller) || caller.grants.some((grant) => path.includes(grant.projectId));

const rank = (role: Role) => ProjectRole.options.findIndex((each) => each === role);

/** Whether the caller holds `role`, or one above it, at the project or above it. */
export const mayAt = (caller: Grantee, role: Role, path: readonly ProjectId[]): boolean => {
  if (isPlatformAdmin(caller)) return true;
  if (role === 'platform-admin') return false;
  if (role === 'auditor' || role === 'viewer')
    return role === 'auditor' ? seesEverything(caller) : seesNode(caller, path);
  return caller.grants.some((grant) => rank(grant.role) >= rank(role) && path.includes(grant.projectId));
};

/** Not visible is `not-found`, as if absent; visible and not allowed is `forbidden`, naming the missing grant. */
export const authorise = (
  caller: Grantee,
  role: Role,
  projectId: ProjectId | undefined,
  project: ProjectNode | undefined,
):
  | undefined
  | { readonly type: 'not-found' }
  | { readonly type: 'forbidden'; readonly missing: { readonly role: Role; readonly projectId: ProjectId | null } } => {
  if (projectId && !project) return { type: 'not-found' };
  if (mayAt(caller, role, project?.path ?? [])) return undefined;
  return { type: 'forbidden', missing: { role, projectId: projectId ?? null } };
};
