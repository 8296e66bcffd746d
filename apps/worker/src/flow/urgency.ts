import { AsyncLocalStorage } from 'node:async_hooks';

/** Who waits for a request, most urgent first: one person, many at once, nobody in particular. */
export const urgencies = ['interactive', 'bulk', 'background'] as const;
export type Urgency = (typeof urgencies)[number];

const current = new AsyncLocalStorage<Urgency>();

/** All requests that the work makes are this urgent: the clouds in between need not know. */
export const withUrgency = <Result>(urgency: Urgency, work: () => Promise<Result>): Promise<Result> =>
  current.run(urgency, work);

export const currentUrgency = (): Urgency => current.getStore() ?? 'background';
