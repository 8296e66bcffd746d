import type { Decider, Refusal } from '@strata/kernel';
import { fold, ActorId, ProjectId, TokenId } from '@strata/kernel';
import { v7 as newId } from 'uuid';
import { describe, expect, it } from 'vitest';
import { project, projectEvent, type Token } from './index.js';

const given =
  <State, Command, Event, R extends Refusal>(decider: Decider<State, Command, Event, R>) =>
  (...past: Event[]) => ({
    when(command: Command) {
      const decision = decider.decide(command, fold(decider, past));
      return {
        then: (...events: Event[]) => expect(decision).toEqual({ accepted: true, events }),
        thenRefused: (refusal: R['type'] | R) =>
          expect(decision).toMatchObject({
            accepted: false,
            refusal: typeof refusal === 'string' ? { type: refusal } : refusal,
          }),
      };
    },
  });
const givenProject = given(project);

const [id, parentId, otherParentId] = [newId(), newId(), newId()].map((each) => ProjectId.parse(each)) as [
  ProjectId,
  ProjectId,
  ProjectId,
];
const created = projectEvent('ProjectCreated', { name: 'alpha', parentId, bindingId: null });
const rootCreated = projectEvent('ProjectCreated', { name: 'root', parentId: null, bindingId: null });
const limits = [{ dimension: 'disks', limit: 10 }];
const token: Token = {
  tokenId: TokenId.parse(newId()),
  actorId: ActorId.parse(newId()),
  role: 'operator',
  expiresAt: null,
};
const issued = projectEvent('TokenIssued', token);
const revoked = projectEvent('TokenRevoked', { tokenId: token.tokenId });
const empty = { type: 'DeleteProject', children: [], disks: [], charged: [] } as const;

describe('a project', () => {
  it('is created under its parent', () => {
    givenProject().when({ type: 'CreateProject', name: 'alpha', parentId, bindingId: null }).then(created);
  });

  it('is renamed, and the same name again is no news', () => {
    givenProject(created)
      .when({ type: 'RenameProject', name: 'beta' })
      .then(projectEvent('ProjectRenamed', { name: 'beta' }));
    givenProject(created).when({ type: 'RenameProject', name: 'alpha' }).then();
  });

  it('moves to another parent, and to its own parent is no news', () => {
    givenProject(created)
      .when({ type: 'MoveProject', projectId: id, to: [otherParentId] })
      .then(projectEvent('ProjectMoved', { fromParentId: parentId, parentId: otherParentId }));
    givenProject(created)
      .when({ type: 'MoveProject', projectId: id, to: [parentId] })
      .then();
  });

  it('does not move below itself', () => {
    givenProject(created)
      .when({ type: 'MoveProject', projectId: id, to: [otherParentId, id, parentId] })
      .thenRefused({ type: 'would-be-cycle', projectId: id, parentId: otherParentId });
  });

  it('is not deleted while something is in it', () => {
    const blocker = { kind: 'project', id: otherParentId, reason: 'is a part of it' };
    givenProject(created)
      .when({ ...empty, children: [blocker] })
      .thenRefused({ type: 'has-children', blockers: [blocker] });
    givenProject(created)
      .when({ ...empty, disks: [{ ...blocker, kind: 'disk' }] })
      .thenRefused('has-disks');
    givenProject(created)
      .when({ ...empty, charged: ['gigabytes'] })
      .thenRefused({
        type: 'project-not-empty',
        blockers: [{ kind: 'charge', id: 'gigabytes', reason: 'still charged' }],
      });
  });

  it('revokes its tokens when it is deleted, and is gone then', () => {
    givenProject(created, issued).when(empty).then(revoked, projectEvent('ProjectDeleted', {}));
    givenProject(created, projectEvent('ProjectDeleted', {}))
      .when({ type: 'RenameProject', name: 'x' })
      .thenRefused('not-found');
  });

  it('issues and revokes tokens', () => {
    givenProject(created).when({ type: 'IssueToken', token }).then(issued);
    givenProject(created, issued).when({ type: 'RevokeToken', tokenId: token.tokenId }).then(revoked);
    givenProject(created, issued, revoked)
      .when({ type: 'RevokeToken', tokenId: token.tokenId })
      .thenRefused('not-found');
  });

  it('renames tokens that are there, and the same name again is no news', () => {
    const { tokenId } = token;
    const renamed = projectEvent('TokenRenamed', { tokenId });
    givenProject(created, issued).when({ type: 'RenameToken', tokenId, isAnotherName: true }).then(renamed);
    givenProject(created, issued, renamed).when({ type: 'RenameToken', tokenId, isAnotherName: false }).then();
    for (const isAnotherName of [true, false]) {
      givenProject(created, issued, renamed, revoked)
        .when({ type: 'RenameToken', tokenId, isAnotherName })
        .thenRefused('not-found');
    }
  });

  it('issues tokens with a role that is held everywhere at a root only', () => {
    const auditor = { ...token, role: 'auditor' } as const;
    givenProject(rootCreated).when({ type: 'IssueToken', token: auditor }).then(projectEvent('TokenIssued', auditor));
    givenProject(created).when({ type: 'IssueToken', token: auditor }).thenRefused('token-not-for-this-project');
  });

  it('issues a bounded number of tokens', () => {
    const many = Array.from({ length: 100 }, () =>
      projectEvent('TokenIssued', { ...token, tokenId: TokenId.parse(newId()) }),
    );
    givenProject(created, ...many)
      .when({ type: 'IssueToken', token })
      .thenRefused({ type: 'too-many-tokens', limit: 100 });
  });

  it('says how long deleted disks are kept, and the same again is no news', () => {
    const set = projectEvent('GraceHoursSet', { graceHours: 48 });
    givenProject(created).when({ type: 'SetGraceHours', graceHours: 48 }).then(set);
    givenProject(created, set).when({ type: 'SetGraceHours', graceHours: 48 }).then();
    givenProject(created).when({ type: 'SetGraceHours', graceHours: 0 }).then();
  });

  it('replaces its limits, and the same limits in another order are no news', () => {
    const both = [...limits, { dimension: 'gigabytes', limit: 'unlimited' as const }];
    givenProject(created).when({ type: 'SetLimits', limits }).then(projectEvent('LimitsSet', { limits }));
    givenProject(created, projectEvent('LimitsSet', { limits: both }))
      .when({ type: 'SetLimits', limits: [...both].reverse() })
      .then();
    givenProject(created, projectEvent('LimitsSet', { limits: both }))
      .when({ type: 'SetLimits', limits: [] })
      .then(projectEvent('LimitsSet', { limits: [] }));
  });
});
