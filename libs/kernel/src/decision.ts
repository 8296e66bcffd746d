/** What a command can be answered with when the answer is no: a name in kebab-case and the facts that explain it. */
export interface Refusal {
  readonly type: string;
}

/** What a decision can come to: facts to record, or a reason why not. Accepting no events means "nothing new". */
export type Decision<Event, R extends Refusal> =
  { readonly accepted: true; readonly events: readonly Event[] } | { readonly accepted: false; readonly refusal: R };

export const accept = <Event>(...events: readonly Event[]): Decision<Event, never> => ({ accepted: true, events });

export const refuse = <R extends Refusal>(refusal: R): Decision<never, R> => ({ accepted: false, refusal });

/** Two pure functions and a beginning. `evolve` never refuses: what was recorded happened. */
export interface Decider<State, Command, Event, R extends Refusal> {
  readonly initial: State;
  decide(command: Command, state: State): Decision<Event, R>;
  evolve(state: State, event: Event): State;
}

export const fold = <State, Event>(
  decider: { readonly initial: State; evolve(state: State, event: Event): State },
  events: readonly Event[],
): State => events.reduce<State>((state, event) => decider.evolve(state, event), decider.initial);

/** Ends a `switch` over a union: does not compile while a case is missing. */
export const unreachable = (value: never): never => {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
};
