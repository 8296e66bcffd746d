import { everything, type EventStore, type TokenStore } from '@strata/event-store';
import { ActorId } from '@strata/kernel';
import { projectStream } from '../project.resource.js';
import type { ProjectEvent } from '../project/index.js';

interface IssuerPorts {
  readonly store: EventStore;
  readonly tokens: TokenStore;
}

/**
 * Who issued the token of an actor, who issued that one's, and so on, nearest first. The last of them has a first token, which
 * nobody with a token has issued, but whoever holds the database; such a one has no issuers. Tokens that were revoked count, and
 * those of projects that are gone: what they have issued stays theirs.
 */
export const issuersOf = async (ports: IssuerPorts, actorId: string): Promise<readonly ActorId[]> => {
  const issuers: ActorId[] = [];
  // A token is older than what it issues, so that there is no circle.
  for (let token = await issuedToken(ports, actorId); token;) {
    const issuer = await issuedToken(ports, token.by);
    if (issuer) issuers.push(ActorId.parse(token.by));
    token = issuer;
  }
  return issuers;
};

/** The token of an actor with who issued it; undefined of those who came without one. */
const issuedToken = async ({ store, tokens }: IssuerPorts, actorId: string): Promise<{ by: string } | undefined> => {
  const token = await tokens.findByActor(actorId);
  if (token === undefined) return undefined;
  const { streams } = await store.load({ sight: everything, streams: [projectStream(token.projectId)] });
  const issued = streams[0]?.events.find((event) => {
    const fact = event as unknown as ProjectEvent; // in today's shape, as the store hands them out
    return fact.type === 'TokenIssued' && fact.data.tokenId === token.tokenId;
  });
  return issued && { by: issued.meta.actorId };
};
