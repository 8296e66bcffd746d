import type { Seat } from './seat.js';
import type { TailEvent, Wanted } from './tail-read.js';

type Place = readonly [kind: 'whole' | 'project' | 'operation' | 'stream', id: string];

/** The narrowest of what a seat asks for: under this it is found. */
const placeOf = ({ projectId, operationId, stream }: Seat): Place => {
  if (stream !== undefined) return ['stream', stream];
  if (operationId !== undefined) return ['operation', operationId];
  return projectId === undefined ? ['whole', ''] : ['project', projectId];
};

/** To send all events costs less than to look among so many ids for each. */
const mostAsked = 50;

const everyEvent: Wanted = { whole: true, projects: [], operations: [], streams: [] };

/** Who is told by the tail, found by what an event is about, so that an event costs only those whom it may concern. */
export class Seating {
  readonly #seats = new Map<Seat, Place>();
  readonly #places = {
    whole: new Map<string, Set<Seat>>(),
    project: new Map<string, Set<Seat>>(),
    operation: new Map<string, Set<Seat>>(),
    stream: new Map<string, Set<Seat>>(),
  };

  get size(): number {
    return this.#seats.size;
  }

  get all(): readonly Seat[] {
    return [...this.#seats.keys()];
  }

  add(seat: Seat): void {
    const place = placeOf(seat);
    const [kind, id] = place;
    this.#seats.set(seat, place);
    const there = this.#places[kind].get(id);
    if (there) there.add(seat);
    else this.#places[kind].set(id, new Set([seat]));
  }

  remove(seat: Seat): void {
    const place = this.#seats.get(seat);
    if (!place) return;
    const [kind, id] = place;
    this.#seats.delete(seat);
    const there = this.#places[kind].get(id);
    there?.delete(seat);
    if (there?.size === 0) this.#places[kind].delete(id);
  }

  clear(): readonly Seat[] {
    const seats = this.all;
    for (const seat of seats) this.remove(seat);
    return seats;
  }

  get wanted(): Wanted {
    const { whole, project, operation, stream } = this.#places;
    if (whole.size > 0 || project.size + operation.size + stream.size > mostAsked) return everyEvent;
    return {
      whole: false,
      projects: [...project.keys()],
      operations: [...operation.keys()],
      streams: [...stream.keys()],
    };
  }

  offer(told: TailEvent): void {
    const { event, operationId, partId } = told;
    this.#offerAt('whole', '', told);
    this.#offerAt('project', event.projectId, told);
    this.#offerAt('stream', event.stream, told);
    if (operationId !== null) this.#offerAt('operation', operationId, told);
    if (partId !== null && partId !== operationId) this.#offerAt('operation', partId, told);
  }

  #offerAt(kind: Place[0], id: string, told: TailEvent): void {
    const there = this.#places[kind].get(id);
    if (there) for (const seat of there) seat.offer(told);
  }
}
