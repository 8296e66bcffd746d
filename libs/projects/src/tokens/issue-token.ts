import type { LaneChange, Loaded, People } from '@strata/event-store';
import { ActorId, TokenId, type ProjectId } from '@strata/kernel';
import { v7 as newId } from 'uuid';
import { execute, type CommandPorts, type WriteCall } from '../execute/execute.js';
import { planRefused, type Executed, type Planned } from '../execute/plan.js';
import { invalidMember, type InvalidMember } from '../project.problems.js';
import { foldProject, projectStream } from '../project.resource.js';
import { GlobalRole, project, type ProjectRefusal, type Role, type Token } from '../project/index.js';
import { hashOf, newSecret, writeToken } from './secret.js';

export interface NewToken {
  readonly projectId: ProjectId;
  /** Of whoever will use it; kept in `people` only. */
  readonly name: string;
  readonly role: Role;
  /** RFC 3339; null for a token that does not expire. */
  readonly expiresAt: string | null;
}

export type RefusedToken = ProjectRefusal | InvalidMember;

export interface IssuedToken {
  readonly executed: Executed<RefusedToken>;
  /** Told here once, and nowhere else: the answer that is remembered has only `tokenId`. */
  readonly token: string;
}

export const issueToken = async (
  ports: CommandPorts & { readonly people: People },
  call: WriteCall,
  wanted: NewToken,
): Promise<IssuedToken> => {
  const { projectId, name, role, expiresAt } = wanted;
  const token = { tokenId: TokenId.parse(newId()), actorId: ActorId.parse(newId()), role, expiresAt };
  const secret = newSecret();
  const executed = await execute<RefusedToken>(ports, call, {
    // A role that is held everywhere is given by those only who hold all of them.
    role: GlobalRole.safeParse(role).success ? 'platform-admin' : 'admin',
    projectId,
    streams: [projectStream(projectId)],
    decide: (loaded) => issuePlan(projectId, token, secret, loaded),
  });
  // After the commit: a name without an actor would be left over by every refusal.
  if (executed.status === 'done') await ports.people.remember(token.actorId, name);
  return { executed, token: writeToken(token.tokenId, secret) };
};

const issuePlan = (
  projectId: ProjectId,
  token: Token,
  secret: string,
  { streams: [stream] }: Loaded,
): Planned<RefusedToken> => {
  // Not before its key is known: what was accepted once is answered so, however long ago.
  if (token.expiresAt !== null && Date.parse(token.expiresAt) <= Date.now())
    return planRefused(invalidMember('/expiresAt', 'must lie in the future'));
  const decision = project.decide({ type: 'IssueToken', token }, foldProject(stream));
  if (!decision.accepted) return decision;
  const expectedVersion = stream?.version ?? 0;
  const issued: LaneChange = { change: 'token-issued', projectId, secretHash: hashOf(secret), ...token };
  return {
    accepted: true,
    streams: [{ stream: projectStream(projectId), projectId, expectedVersion, events: decision.events }],
    changes: [issued],
    answer: { projectId, tokenId: token.tokenId },
  };
};

export const revokeToken = (
  ports: CommandPorts,
  call: WriteCall,
  projectId: ProjectId,
  tokenId: TokenId,
): Promise<Executed<ProjectRefusal>> =>
  execute<ProjectRefusal>(ports, call, {
    role: 'admin',
    projectId,
    streams: [projectStream(projectId)],
    decide: ({ streams: [stream] }) => {
      const decision = project.decide({ type: 'RevokeToken', tokenId }, foldProject(stream));
      if (!decision.accepted) return decision;
      const expectedVersion = stream?.version ?? 0;
      return {
        accepted: true,
        streams: [{ stream: projectStream(projectId), projectId, expectedVersion, events: decision.events }],
        changes: [{ change: 'token-revoked', tokenId }],
        answer: { projectId, tokenId },
      };
    },
  });
