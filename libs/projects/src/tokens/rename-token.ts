import type { LoadedStream, People } from '@strata/event-store';
import type { ProjectId, TokenId } from '@strata/kernel';
import { execute, type CommandPorts, type WriteCall } from '../execute/execute.js';
import { sightOf } from '../execute/grants.js';
import type { Executed, Planned } from '../execute/plan.js';
import { foldProject, projectStream } from '../project.resource.js';
import { project, type ProjectEvent, type ProjectRefusal, type Token } from '../project/index.js';

export interface TokenRenaming {
  readonly projectId: ProjectId;
  readonly tokenId: TokenId;
  /** Kept in `people` only; undefined leaves it as it is. */
  readonly name: string | undefined;
}

type RenamingPorts = CommandPorts & { readonly people: People };

/** The log tells that a token has another name, and not which. */
export const renameToken = async (
  ports: RenamingPorts,
  call: WriteCall,
  renaming: TokenRenaming,
): Promise<Executed<ProjectRefusal>> => {
  const executed = await execute<ProjectRefusal>(ports, call, {
    role: 'admin',
    projectId: renaming.projectId,
    streams: [projectStream(renaming.projectId)],
    decide: ({ streams: [stream] }) => planOf(ports, renaming, stream),
  });
  // After the commit: what is refused renames nothing.
  if (executed.status === 'done' || executed.status === 'replayed') await keepName(ports, call, renaming, executed);
  return executed;
};

const planOf = async (
  { people }: RenamingPorts,
  { projectId, tokenId, name }: TokenRenaming,
  stream: LoadedStream | undefined,
): Promise<Planned<ProjectRefusal>> => {
  const token = tokenIn(stream, tokenId);
  const known = token && (await nameOf(people, token));
  const isAnotherName = name !== undefined && name !== known;
  const decision = project.decide({ type: 'RenameToken', tokenId, isAnotherName }, foldProject(stream));
  if (!decision.accepted) return decision;
  const expectedVersion = stream?.version ?? 0;
  return {
    accepted: true,
    streams: [{ stream: projectStream(projectId), projectId, expectedVersion, events: decision.events }],
    answer: { projectId, tokenId },
  };
};

/** A repeated request keeps the name that the first may not have got to keep. It does not undo a renaming that came since. */
const keepName = async (
  { store, people }: RenamingPorts,
  { caller }: WriteCall,
  { projectId, tokenId, name }: TokenRenaming,
  { position }: Extract<Executed, { readonly position: number }>,
): Promise<void> => {
  const { streams } = await store.load({ sight: sightOf(caller), streams: [projectStream(projectId)] });
  const token = tokenIn(streams[0], tokenId);
  if (name !== undefined && token && isRenamedAt(streams[0], tokenId, position))
    await people.rename(token.actorId, name, position);
};

const tokenIn = (stream: LoadedStream | undefined, tokenId: TokenId): Token | undefined => {
  const state = foldProject(stream);
  return state.status === 'live' ? state.tokens.find((token) => token.tokenId === tokenId) : undefined;
};

const nameOf = async (people: People, { actorId }: Token): Promise<string | undefined> =>
  (await people.names([actorId])).get(actorId);

const isRenamedAt = (stream: LoadedStream | undefined, tokenId: TokenId, position: number): boolean =>
  (stream?.events ?? []).some((event) => {
    const fact = event as unknown as ProjectEvent; // in today's shape, as the store hands them out
    return event.position === position && fact.type === 'TokenRenamed' && fact.data.tokenId === tokenId;
  });
