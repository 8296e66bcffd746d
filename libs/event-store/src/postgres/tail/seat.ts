import type { RecordedEvent } from '../../append.js';
import type { TailScope, TailSeat, Told } from '../../tail-seat.js';
import type { TailEvent } from './tail-read.js';

/** What a seat needs of the tail that it is at. */
export interface Table {
  /** Events kept for a reader that does not take them; beyond it the reader goes back to the log. */
  readonly mostKept: number;
  /** Answered by `begin`, as soon as nothing can be missed from there on. */
  admit(seat: Seat): void;
  dismiss(seat: Seat): void;
  today(event: RecordedEvent): RecordedEvent;
}

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const ids = new RegExp(`^${uuid}$`);
const streams = new RegExp(`^[a-z]{1,32}-${uuid}$`);

/** One query asks for all seats: what cannot exist must not get there and fail for everybody. */
const existing = (text: string | undefined, form: RegExp): string | undefined => {
  const id = text?.toLowerCase();
  if (id !== undefined && !form.test(id)) throw new TypeError('a seat is for an id that can exist');
  return id;
};

export class Seat implements TailSeat {
  readonly projectId: string | undefined;
  readonly operationId: string | undefined;
  readonly stream: string | undefined;
  readonly #nodes: ReadonlySet<string> | undefined;
  readonly #table: Table;
  /** Behind: not at the table until the reader comes back for more. */
  #behind = true;
  #left = false;
  #from: Extract<Told, { kind: 'from' }> | undefined;
  #kept: RecordedEvent[] = [];
  #end: { readonly fault: unknown } | 'closed' | undefined;
  #wake: (() => void) | undefined;

  constructor({ sight, projectId, operationId, stream }: TailScope, table: Table) {
    this.projectId = existing(projectId, ids);
    this.operationId = existing(operationId, ids);
    this.stream = existing(stream, streams);
    this.#nodes = sight.all ? undefined : new Set(sight.nodes.map((node) => node.toLowerCase()));
    this.#table = table;
  }

  async take(timeoutMs: number, signal?: AbortSignal): Promise<Told> {
    if (this.#behind && !this.#left && this.#end === undefined) {
      this.#behind = false;
      this.#table.admit(this);
    }
    const told = this.#next();
    if (told) return told;
    await this.#woken(timeoutMs, signal);
    return this.#next() ?? { kind: 'nothing' };
  }

  leave(): void {
    this.#left = true;
    this.#from = undefined;
    this.#kept = [];
    this.#table.dismiss(this);
    this.#wake?.();
  }

  /** From this position on everything is offered, until it is begun again. */
  begin(position: number, incarnation: string): void {
    this.#kept = [];
    this.#from = { kind: 'from', position, incarnation };
    this.#wake?.();
  }

  offer({ event, operationId, partId, path }: TailEvent): void {
    if (this.#behind || !this.#sees(path)) return;
    if (this.projectId !== undefined && event.projectId !== this.projectId) return;
    if (this.operationId !== undefined && operationId !== this.operationId && partId !== this.operationId) return;
    if (this.stream !== undefined && event.stream !== this.stream) return;
    if (this.#kept.length >= this.#table.mostKept) return this.#fallBehind();
    this.#kept.push(event);
    this.#wake?.();
  }

  fail(fault: unknown): void {
    this.#end = { fault };
    this.#wake?.();
  }

  close(): void {
    this.#end = 'closed';
    this.#wake?.();
  }

  /** As row-level security has it: a grant at a node covers what lies below. */
  #sees(path: readonly string[]): boolean {
    const nodes = this.#nodes;
    return nodes === undefined || path.some((node) => nodes.has(node));
  }

  #fallBehind(): void {
    this.#behind = true;
    this.#from = undefined;
    this.#kept = [];
    this.#table.dismiss(this);
  }

  #next(): Told | undefined {
    if (this.#left || this.#end === 'closed') return { kind: 'closed' };
    if (this.#end) throw this.#end.fault;
    if (this.#from) {
      const from = this.#from;
      this.#from = undefined;
      return from;
    }
    if (this.#kept.length === 0) return undefined;
    const kept = this.#kept;
    this.#kept = [];
    return { kind: 'events', events: kept.map((event) => this.#table.today(event)) };
  }

  #woken(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted || timeoutMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(wake, timeoutMs);
      signal?.addEventListener('abort', wake);
      this.#wake = wake;
    });
  }
}
