import { accept, refuse, unreachable, type Decider, type Decision, type PauseId, type ProjectId } from '@strata/kernel';
import { pauseEvent, type PauseEvent, type Scope } from './pause.events.js';

export interface NewPause {
  readonly pauseId: PauseId;
  readonly scope: Scope;
  readonly kind: string | null;
  readonly reason: string;
  /** RFC 3339. */
  readonly until: string;
}

export type Pause =
  | { readonly status: 'absent' }
  | ({ readonly status: 'in-force' } & NewPause)
  | { readonly status: 'ended'; readonly scope: Scope };

export type PauseCommand =
  | ({ readonly type: 'BeginPause' } & NewPause)
  | { readonly type: 'EndPause' }
  /** What a time did: no news before it. `at`: RFC 3339. */
  | { readonly type: 'EndPauseInTime'; readonly at: string };

export type PauseRefusal = { readonly type: 'not-found' };

/** The node that a pause belongs to: who may see it may see the pause. */
export const nodeOfPause = ({ projectId, bindingId }: Scope): ProjectId =>
  // A binding is a node of its own, named by its id.
  projectId ?? (bindingId as string as ProjectId);

type PauseDecision = Decision<PauseEvent, PauseRefusal>;

const decide = (command: PauseCommand, pause: Pause): PauseDecision => {
  switch (command.type) {
    case 'BeginPause': {
      const { type: _type, ...begun } = command;
      return accept(pauseEvent('PauseBegun', begun));
    }
    case 'EndPause':
      return pause.status === 'in-force'
        ? accept(pauseEvent('PauseEnded', { by: 'command' }))
        : refuse({ type: 'not-found' });
    case 'EndPauseInTime':
      return pause.status === 'in-force' && Date.parse(pause.until) <= Date.parse(command.at)
        ? accept(pauseEvent('PauseEnded', { by: 'time' }))
        : accept();
    default:
      return unreachable(command);
  }
};

const evolve = (pause: Pause, event: PauseEvent): Pause => {
  switch (event.type) {
    case 'PauseBegun':
      return { status: 'in-force', ...event.data };
    case 'PauseEnded':
      return pause.status === 'in-force' ? { status: 'ended', scope: pause.scope } : pause;
    default:
      return unreachable(event);
  }
};

export const pause: Decider<Pause, PauseCommand, PauseEvent, PauseRefusal> = {
  initial: { status: 'absent' },
  decide,
  evolve,
};
