import type { EventStore, LoadedStream } from '@strata/event-store';
import { fold, type PauseId, type StreamId } from '@strata/kernel';
import {
  bindingStream,
  execute,
  executeFact,
  invalidMember,
  namesNothing,
  planRefused,
  readBinding,
  seesEverything,
  sightOf,
  type CommandPorts,
  type Executed,
  type InvalidMember,
  type NamesNothing,
  type Planned,
  type Recorded,
  type WriteCall,
} from '@strata/projects';
import { WORKER_ACTOR } from '../carry-out/operation-case.js';
import {
  nodeOfPause,
  pause,
  type NewPause,
  type Pause,
  type PauseCommand,
  type PauseEvent,
  type PauseRefusal,
} from '../pause/index.js';

export const pauseStream = (pauseId: PauseId): StreamId => `pause-${pauseId}`;

export type RefusedPause = PauseRefusal | InvalidMember | NamesNothing;

const notFound = { status: 'refused', refusal: { type: 'not-found' } } as const;
const dayMs = 24 * 3_600_000;
/** Every wait has an end: this long, and no longer. */
export const pauseDays = { usual: 7, most: 30 } as const;

/** The category of the stream guarantees the union. */
const foldPause = (stream: LoadedStream | undefined): Pause =>
  fold(pause, (stream?.events ?? []) as unknown as readonly PauseEvent[]);

/** As the log writes times; undefined when it is over, or too far away. */
const endOf = (until: string | undefined, now: number): string | undefined => {
  const end = until === undefined ? now + pauseDays.usual * dayMs : Date.parse(until);
  return end > now && end <= now + pauseDays.most * dayMs ? new Date(end).toISOString() : undefined;
};

/**
 * An admin of the project holds what it and the projects below it want sent; a platform-admin what goes through a binding.
 * The answer remembers `pauseId`.
 */
export const beginPause = async (
  ports: CommandPorts & { readonly kinds: readonly string[] },
  call: WriteCall,
  wish: Omit<NewPause, 'until'> & { readonly until: string | undefined },
): Promise<Executed<RefusedPause>> => {
  const { scope, pauseId, kind } = wish;
  const namesNoPlace = namesNothing(scope.projectId === null ? '/bindingId' : '/projectId');
  if (scope.bindingId !== null && !seesEverything(call.caller)) return { status: 'refused', refusal: namesNoPlace };
  const ofBinding = scope.bindingId === null ? [] : [bindingStream(scope.bindingId)];
  const executed = await execute<RefusedPause>(ports, call, {
    ...(scope.projectId === null ? { role: 'platform-admin' } : { role: 'admin', projectId: scope.projectId }),
    streams: [pauseStream(pauseId), ...ofBinding],
    decide: ({ streams: [stream, binding] }) => {
      if (scope.bindingId !== null && !readBinding(scope.bindingId, binding)) return planRefused(namesNoPlace);
      if (kind !== null && !ports.kinds.includes(kind))
        return planRefused(invalidMember('/kind', `must be one of ${ports.kinds.join(', ')}`));
      const until = endOf(wish.until, Date.now());
      if (until === undefined)
        return planRefused(invalidMember('/until', `must lie in the future, ${pauseDays.most} days from now at most`));
      return planOf(pauseId, { type: 'BeginPause', ...wish, until }, stream);
    },
  });
  const isNowhere = executed.status === 'refused' && executed.refusal.type === 'not-found';
  return isNowhere ? { status: 'refused', refusal: namesNoPlace } : executed;
};

/** By whoever may begin one there. */
export const endPause = async (
  ports: CommandPorts,
  call: WriteCall,
  pauseId: PauseId,
): Promise<Executed<RefusedPause>> => {
  const streams = [pauseStream(pauseId)];
  const seen = foldPause((await ports.store.load({ sight: sightOf(call.caller), streams })).streams[0]);
  if (seen.status === 'absent') return notFound;
  const { projectId } = seen.scope;
  return execute<RefusedPause>(ports, call, {
    ...(projectId === null ? { role: 'platform-admin' } : { role: 'admin', projectId }),
    streams,
    decide: ({ streams: [stream] }) => planOf(pauseId, { type: 'EndPause' }, stream),
  });
};

/** What its time does to a pause: a fact, and none before. */
export const endPauseInTime = (store: EventStore, pauseId: PauseId): Promise<Recorded> =>
  executeFact(store, {
    streams: [pauseStream(pauseId)],
    meta: { actorId: WORKER_ACTOR },
    decide: ({ streams: [stream] }) => {
      const planned = planOf(pauseId, { type: 'EndPauseInTime', at: new Date().toISOString() }, stream);
      return planned.accepted ? { streams: planned.streams } : undefined;
    },
  });

const planOf = (pauseId: PauseId, command: PauseCommand, stream: LoadedStream | undefined): Planned<RefusedPause> => {
  const known = foldPause(stream);
  const decision = pause.decide(command, known);
  if (!decision.accepted) return decision;
  const scope = command.type === 'BeginPause' ? command.scope : known.status === 'absent' ? undefined : known.scope;
  if (scope === undefined) return planRefused({ type: 'not-found' });
  const append = {
    stream: pauseStream(pauseId),
    projectId: nodeOfPause(scope),
    expectedVersion: stream?.version ?? 0,
    events: decision.events,
  };
  return { accepted: true, streams: [append], answer: { pauseId } };
};
