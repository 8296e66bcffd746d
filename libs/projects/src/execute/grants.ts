import { everything, type ProjectNode, type Sight } from '@strata/event-store';
import type { Caller } from '@strata/http';
import type { ProjectId } from '@strata/kernel';
import { ProjectRole, type Role } from '../project/index.js';

/** Who asks, as far as rights go. */
export type Grantee = Pick<Caller, 'grants' | 'platformRoles'>;

export const isPlatformAdmin = ({ platformRoles }: Grantee): boolean => platformRoles.includes('platform-admin');

/** `platform-admin` and `auditor`. */
export const seesEverything = ({ platformRoles }: Grantee): boolean => platformRoles.length > 0;

/** What the caller's reads may touch; row-level security holds them to it. */
export const sightOf = (caller: Grantee): Sight =>
  seesEverything(caller) ? everything : { all: false, nodes: caller.grants.map(({ projectId }) => projectId) };

const rank = (role: Role) => ProjectRole.options.findIndex((each) => each === role);

/** Whether the caller holds `role`, or one above it, at the end of the path or anywhere above. */
export const mayAt = (caller: Grantee, role: Role, path: readonly ProjectId[]): boolean => {
  if (isPlatformAdmin(caller)) return true;
  switch (role) {
    case 'platform-admin':
      return false;
    case 'auditor':
      return seesEverything(caller);
    case 'viewer':
      return seesEverything(caller) || holdsAt(caller, role, path);
    default:
      return holdsAt(caller, role, path);
  }
};

const holdsAt = ({ grants }: Grantee, role: ProjectRole, path: readonly string[]) =>
  grants.some((grant) => rank(grant.role) >= rank(role) && path.includes(grant.projectId));

export type NoRight = { readonly type: 'not-found' } | { readonly type: 'forbidden'; readonly missing: MissingGrant };

export interface MissingGrant {
  readonly role: Role;
  /** Null for a role that is held everywhere, and where `relation` tells the place. */
  readonly projectId: ProjectId | null;
  /** The parent of what was asked for; not named, as it may not be visible. */
  readonly relation?: 'parent';
}

/** Not visible is `not-found`, as if absent; visible and not allowed is `forbidden`, naming the missing grant. */
export const authorise = (
  caller: Grantee,
  role: Role,
  projectId: ProjectId | undefined,
  project: ProjectNode | undefined,
): NoRight | undefined => {
  if (projectId && !project) return { type: 'not-found' };
  if (mayAt(caller, role, project?.path ?? [])) return undefined;
  return { type: 'forbidden', missing: { role, projectId: projectId ?? null } };
};
