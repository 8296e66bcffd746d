import { defineProblems, platformProblems } from '@strata/http';

export const projectProblems = defineProblems({
  'would-be-cycle': {
    status: 409,
    title: 'A project cannot be moved below itself',
    explanation: 'The new parent lies in the subtree of the project that is to be moved. Choose another parent.',
    detail: 'Project {parentId} is project {projectId} itself, or lies below it: choose another parent.',
    retryable: false,
  },
  'has-children': {
    status: 409,
    title: 'The project has parts',
    explanation: 'Other projects lie below it; `blockers` names them. Delete or move them first.',
    detail: 'Delete or move what lies below it first: {blockers}.',
    retryable: false,
  },
  'has-disks': {
    status: 409,
    title: 'The project has disks',
    explanation: 'Disks belong to the project, also such as are still being deleted; `blockers` names them.',
    detail: 'Delete what belongs to it first, or wait until it is gone: {blockers}.',
    retryable: false,
  },
  'project-not-empty': {
    status: 409,
    title: 'The project still carries charges',
    explanation: '`blockers` names the dimensions that are still charged: something is held, used or being released.',
    detail: 'Still charged: {blockers}.',
    retryable: false,
  },
  'too-many-tokens': {
    status: 409,
    title: 'The project has as many tokens as it may have',
    explanation: 'Revoke those that nobody uses any more.',
    detail: 'A project may have {limit} tokens: revoke one first.',
    retryable: false,
  },
  'token-not-for-this-project': {
    status: 409,
    title: 'This role is given at a root only',
    explanation: '`platform-admin` and `auditor` are held everywhere, so their tokens are issued at a root project.',
    detail: 'The role {role} is given at a root project, and this project has a parent.',
    retryable: false,
  },
  'binding-in-use': {
    status: 409,
    title: 'Projects place their disks there',
    explanation: '`blockers` names the projects of this binding. A binding can be deleted when no project uses it.',
    detail: 'Used by {blockers}.',
    retryable: false,
  },
});

const { 'not-found': notFound, forbidden, 'invalid-request': invalidRequest } = platformProblems;

/** All that a command of this feature may be refused with, beyond what every command may. */
export const refusalsOfProjects = {
  ...projectProblems,
  'not-found': notFound,
  forbidden,
  'invalid-request': invalidRequest,
};

/** A member of the body that fits no rule which a schema could tell. */
export interface InvalidMember {
  readonly type: 'invalid-request';
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
}

export const invalidMember = (pointer: string, detail: string): InvalidMember => ({
  type: 'invalid-request',
  errors: [{ pointer, detail }],
});

/** What a member of the body names is not there, or not for the caller to see: alike, as for an address. */
export interface NamesNothing {
  readonly type: 'not-found';
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
}

export const namesNothing = (pointer: string): NamesNothing => ({
  type: 'not-found',
  errors: [{ pointer, detail: 'names nothing that is there, or nothing that this caller may see' }],
});
