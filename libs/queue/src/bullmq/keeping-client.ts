import pg from 'pg';

const names = new Map<string, string>();

/** The same on each connection. BullMQ's commands are constant texts, of which about a dozen are in use. */
const nameOf = (text: string): string => {
  const name = names.get(text) ?? `bullmq-${names.size + 1}`;
  names.set(text, name);
  return name;
};

/**
 * BullMQ sends its commands without names, and PostgreSQL would take each apart and plan it anew every time. With one the
 * connection keeps it.
 */
export class KeepingClient extends pg.Client {
  /** A connection that ends between two queries says so by an event, which ends the process unless it is heard; the next query fails. */
  constructor(config?: pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }

  /** All that pg overloads passes through; a pool asks in this one way for what has values. */
  override query(query: unknown, values?: unknown, told?: unknown): never {
    const sent =
      typeof query === 'string' && Array.isArray(values)
        ? [{ name: nameOf(query), text: query, values }, told]
        : [query, values, told];
    return (super.query as (...args: unknown[]) => never).apply(this, sent);
  }
}
