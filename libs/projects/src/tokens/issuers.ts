import { everything, type EventStore, type TokenStore } from '@strata/event-store';
import { ActorId } from '@strata/kernel';
import { projectStream } from '../project.resource.js';
import type { ProjectEvent } from '../project/index.js';
import { seedActor } from '../seed/seed-actor.js';

interface IssuerPorts {
  readonly store: EventStore;
  readonly tokens: TokenStore;
}

/**
 * Who issued the token of an actor, who issued that one's, and so on, nearest first. The last of them has a first token, which
 * nobody with a token has issued, but whoever holds the database; such a one has no issuers. Tokens that were revoked count, and
 * those of projects that are gone: what they have issued stays theirs.
 * @throws When that does not lead to a first token: two whose issuers nobody knows must not pass for two hands.
 */
export const issuersOf = async (ports: IssuerPorts, actorId: string): Promise<readonly ActorId[]> => {
  const issuers: ActorId[] = [];
  // A token is older than what it issues, so that there is no circle.
  for (let issuer = await issuerOf(ports, actorId); issuer !== seedActor; issuer = await issuerOf(ports, issuer))
    issuers.push(ActorId.parse(issuer));
  return issuers;
};

/** Who issued the token of an actor. */
const issuerOf = async ({ store, tokens }: IssuerPorts, actorId: string): Promise<string> => {
  const token = await tokens.findByActor(actorId);
  const { streams } = token
    ? await store.load({ sight: everything, streams: [projectStream(token.projectId)] })
    : { streams: [] };
  const issued = streams[0]?.events.find((event) => {
    const fact = event as unknown as ProjectEvent; // in today's shape, as the store hands them out
    return fact.type === 'TokenIssued' && fact.data.tokenId === token?.tokenId;
  });
  if (issued === undefined) throw new Error(`nobody knows who issued the token of ${actorId}`);
  return issued.meta.actorId;
};
