import {
  accept,
  refuse,
  unreachable,
  type ActorId,
  type BindingId,
  type Decider,
  type Decision,
  type ProjectId,
  type TokenId,
} from '@strata/kernel';
import { projectEvent, type Limits, type ProjectEvent } from './project.events.js';
import type { Role } from './role.js';

export interface Token {
  readonly tokenId: TokenId;
  readonly actorId: ActorId;
  readonly role: Role;
  readonly expiresAt: string | null;
}

export type Project =
  | { readonly status: 'absent' }
  | {
      readonly status: 'live';
      readonly name: string;
      readonly parentId: ProjectId | null;
      /** Fixed when the project was made. */
      readonly bindingId: BindingId | null;
      readonly limits: Limits;
      /** How long a deleted disk is kept, in hours. */
      readonly graceHours: number;
      /** Those that were not revoked, oldest first. */
      readonly tokens: readonly Token[];
    }
  | { readonly status: 'deleted' };

export type LiveProject = Extract<Project, { status: 'live' }>;

export interface Blocker {
  readonly kind: string;
  readonly id: string;
  readonly reason: string;
}

export type ProjectCommand =
  | {
      readonly type: 'CreateProject';
      readonly name: string;
      readonly parentId: ProjectId | null;
      readonly bindingId: BindingId | null;
    }
  | { readonly type: 'RenameProject'; readonly name: string }
  | { readonly type: 'SetGraceHours'; readonly graceHours: number }
  | {
      readonly type: 'MoveProject';
      readonly projectId: ProjectId;
      /** The new parent's path, from itself up to its root. */
      readonly to: readonly [ProjectId, ...ProjectId[]];
    }
  | {
      readonly type: 'DeleteProject';
      readonly children: readonly Blocker[];
      readonly disks: readonly Blocker[];
      /** Dimensions that still carry a figure. */
      readonly charged: readonly string[];
    }
  | { readonly type: 'IssueToken'; readonly token: Token }
  | {
      readonly type: 'RenameToken';
      readonly tokenId: TokenId;
      /** Told from outside: no name of a token is in the log. */
      readonly isAnotherName: boolean;
    }
  | { readonly type: 'RevokeToken'; readonly tokenId: TokenId }
  | { readonly type: 'SetLimits'; readonly limits: Limits };

export type ProjectRefusal =
  | { readonly type: 'not-found' }
  | { readonly type: 'would-be-cycle'; readonly projectId: ProjectId; readonly parentId: ProjectId }
  | { readonly type: 'has-children'; readonly blockers: readonly Blocker[] }
  | { readonly type: 'has-disks'; readonly blockers: readonly Blocker[] }
  | { readonly type: 'project-not-empty'; readonly blockers: readonly Blocker[] }
  | { readonly type: 'too-many-tokens'; readonly limit: number }
  | { readonly type: 'token-not-for-this-project'; readonly role: Role };

type On<Type extends ProjectCommand['type']> = Extract<ProjectCommand, { type: Type }>;
type ProjectDecision = Decision<ProjectEvent, ProjectRefusal>;

/** A bound on what one stream can grow by; whoever needs more has forgotten to revoke. */
const tokensPerProject = 100;

const create = ({ name, parentId, bindingId }: On<'CreateProject'>): ProjectDecision =>
  accept(projectEvent('ProjectCreated', { name, parentId, bindingId }));

const rename = ({ name }: On<'RenameProject'>, project: LiveProject): ProjectDecision =>
  name === project.name ? accept() : accept(projectEvent('ProjectRenamed', { name }));

const move = ({ projectId, to }: On<'MoveProject'>, project: LiveProject): ProjectDecision => {
  const [parentId] = to;
  if (parentId === project.parentId) return accept();
  if (to.includes(projectId)) return refuse({ type: 'would-be-cycle', projectId, parentId });
  return accept(projectEvent('ProjectMoved', { fromParentId: project.parentId, parentId }));
};

const remove = ({ children, disks, charged }: On<'DeleteProject'>, project: LiveProject): ProjectDecision => {
  if (children.length > 0) return refuse({ type: 'has-children', blockers: children });
  if (disks.length > 0) return refuse({ type: 'has-disks', blockers: disks });
  const blockers = charged.map((dimension) => ({ kind: 'charge', id: dimension, reason: 'still charged' }));
  if (blockers.length > 0) return refuse({ type: 'project-not-empty', blockers });
  // Nobody keeps a right at a project that is gone.
  const revoked = project.tokens.map(({ tokenId }) => projectEvent('TokenRevoked', { tokenId }));
  return accept<ProjectEvent>(...revoked, projectEvent('ProjectDeleted', {}));
};

const issueToken = ({ token }: On<'IssueToken'>, project: LiveProject): ProjectDecision => {
  if (isGlobal(token.role) && project.parentId !== null) {
    return refuse({ type: 'token-not-for-this-project', role: token.role });
  }
  if (project.tokens.length >= tokensPerProject) return refuse({ type: 'too-many-tokens', limit: tokensPerProject });
  return accept(projectEvent('TokenIssued', token));
};

const isGlobal = (role: Role) => role === 'platform-admin' || role === 'auditor';

const hasToken = (project: LiveProject, tokenId: TokenId) => project.tokens.some((token) => token.tokenId === tokenId);

const renameToken = ({ tokenId, isAnotherName }: On<'RenameToken'>, project: LiveProject): ProjectDecision => {
  if (!hasToken(project, tokenId)) return refuse({ type: 'not-found' });
  return isAnotherName ? accept(projectEvent('TokenRenamed', { tokenId })) : accept();
};

const revokeToken = ({ tokenId }: On<'RevokeToken'>, project: LiveProject): ProjectDecision =>
  hasToken(project, tokenId) ? accept(projectEvent('TokenRevoked', { tokenId })) : refuse({ type: 'not-found' });

const setGraceHours = ({ graceHours }: On<'SetGraceHours'>, project: LiveProject): ProjectDecision =>
  graceHours === project.graceHours ? accept() : accept(projectEvent('GraceHoursSet', { graceHours }));

const setLimits = ({ limits }: On<'SetLimits'>, project: LiveProject): ProjectDecision =>
  sameLimits(limits, project.limits) ? accept() : accept(projectEvent('LimitsSet', { limits: [...limits] }));

const sameLimits = (a: Limits, b: Limits) =>
  a.length === b.length && a.every(({ dimension, limit }) => limitOf(b, dimension) === limit);

const limitOf = (limits: Limits, dimension: string) => limits.find((each) => each.dimension === dimension)?.limit;

const decide = (command: ProjectCommand, project: Project): ProjectDecision => {
  if (command.type === 'CreateProject') return create(command);
  if (project.status !== 'live') return refuse({ type: 'not-found' });
  switch (command.type) {
    case 'RenameProject':
      return rename(command, project);
    case 'MoveProject':
      return move(command, project);
    case 'SetGraceHours':
      return setGraceHours(command, project);
    case 'DeleteProject':
      return remove(command, project);
    case 'IssueToken':
      return issueToken(command, project);
    case 'RenameToken':
      return renameToken(command, project);
    case 'RevokeToken':
      return revokeToken(command, project);
    case 'SetLimits':
      return setLimits(command, project);
    default:
      return unreachable(command);
  }
};

const evolve = (project: Project, event: ProjectEvent): Project => {
  if (event.type === 'ProjectCreated') return { status: 'live', ...event.data, limits: [], graceHours: 0, tokens: [] };
  if (project.status !== 'live') return project;
  switch (event.type) {
    case 'ProjectRenamed':
      return { ...project, name: event.data.name };
    case 'ProjectMoved':
      return { ...project, parentId: event.data.parentId };
    case 'ProjectDeleted':
      return { status: 'deleted' };
    case 'TokenIssued':
      return { ...project, tokens: [...project.tokens, event.data] };
    case 'TokenRenamed':
      return project;
    case 'TokenRevoked':
      return { ...project, tokens: project.tokens.filter(({ tokenId }) => tokenId !== event.data.tokenId) };
    case 'LimitsSet':
      return { ...project, limits: event.data.limits };
    case 'GraceHoursSet':
      return { ...project, graceHours: event.data.graceHours };
    default:
      return unreachable(event);
  }
};

export const project: Decider<Project, ProjectCommand, ProjectEvent, ProjectRefusal> = {
  initial: { status: 'absent' },
  decide,
  evolve,
};
