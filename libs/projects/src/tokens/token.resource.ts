import type { LoadedStream, People } from '@strata/event-store';
import { ActorId, TokenId, type ProjectId } from '@strata/kernel';
import { z } from 'zod';
import { foldProject } from '../project.resource.js';
import { Role, type ProjectEvent } from '../project/index.js';
import { inMilliseconds } from '../reading/as-of.js';

export const TokenResource = z
  .strictObject({
    id: TokenId,
    projectId: z.uuid(),
    /** Of whoever uses it; null once forgotten. */
    name: z.string().nullable(),
    role: Role,
    actor: z.strictObject({ id: ActorId }),
    expiresAt: z.string().nullable(),
    createdAt: z.string(),
  })
  .meta({ id: 'Token' });
export type TokenResource = z.infer<typeof TokenResource>;

/** The tokens of a project that were not revoked. */
export const readTokens = async (
  people: People,
  projectId: ProjectId,
  stream: LoadedStream | undefined,
): Promise<readonly TokenResource[]> => {
  const project = foldProject(stream);
  if (project.status !== 'live') return [];
  const names = await people.names(project.tokens.map(({ actorId }) => actorId));
  const issuedAt = issueTimes(stream);
  return project.tokens.map(({ tokenId, actorId, role, expiresAt }) => ({
    id: tokenId,
    projectId,
    name: names.get(actorId) ?? null,
    role,
    actor: { id: actorId },
    expiresAt,
    createdAt: issuedAt.get(tokenId) ?? '',
  }));
};

const issueTimes = (stream: LoadedStream | undefined): ReadonlyMap<string, string> =>
  new Map(
    (stream?.events ?? []).flatMap((event) => {
      const fact = event as unknown as ProjectEvent; // in today's shape, as the store hands them out
      return fact.type === 'TokenIssued' ? [[fact.data.tokenId, inMilliseconds(event.recordedAt)] as const] : [];
    }),
  );
