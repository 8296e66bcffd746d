import type { EventTypes } from './event-types.js';
import type { Projection, ViewRow } from './follower.js';

/**
 * A view written by one feature, among all types that the process knows: it ignores, by name, what the features after it write.
 * Nothing that nobody declared slips through.
 */
export const amongAll = <Row extends ViewRow>(view: Projection<Row>, types: EventTypes): Projection => {
  const known = new Set([...view.handles, ...view.ignores]);
  const ignores = [...view.ignores, ...types.names.filter((name) => !known.has(name))];
  return { ...view, ignores } as unknown as Projection; // rows come back to `apply` as it made them
};
