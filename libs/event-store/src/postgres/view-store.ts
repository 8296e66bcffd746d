import { escapeLiteral, type Pool, type PoolClient, type QueryResult } from 'pg';
import type { Sight } from '../event-store.js';
import type { Projection, ViewRow } from '../follower.js';
import {
  ViewStore,
  type ViewCursor,
  type ViewPage,
  type ViewQuery,
  type ViewTexts,
  type ViewValue,
} from '../view-store.js';
import { survivingLostConnections } from './follower-transaction.js';
import { rowOf, valueFrom, viewTable, type ViewTable } from './projection-table.js';
import {
  columnNamed,
  getSql,
  listSql,
  textsSql,
  type Standing,
  type TableFacts,
  type ViewSql,
} from './view-store-query.js';
import { isUuid } from './view-store-values.js';
import { viewPositions, ViewWatch } from './view-store-wait.js';

const grantsOf = (nodes: readonly string[]): string => escapeLiteral(`{${nodes.filter(isUuid).join(',')}}`);

/** For one transaction: what row-level security then goes by. */
const seeing = (sight: Sight): string =>
  sight.all
    ? `select set_config('strata.sight', 'all', true)`
    : `select set_config('strata.sight', '', true), set_config('strata.grants', ${grantsOf(sight.nodes)}, true)`;

/** From more projects than this one does not start, but from the order. */
const fewProjects = 64;

const standing = (view: string, sight: Sight): string =>
  `select * from view_standing(${escapeLiteral(view)}, ${sight.all ? 'null' : grantsOf(sight.nodes)}, ${fewProjects + 1})`;

/** One snapshot, so that rows, generation and position belong together; one message, as each is a round trip. */
const begin = (view: string, sight: Sight): string =>
  `begin isolation level repeatable read read only; ${seeing(sight)}; ${standing(view, sight)}`;

/** Names of the statements that keep their plan, by their text. What is kept on each connection is bounded. */
const names = new Map<string, string>();
const mostKept = 200;

/** Undefined when there are too many. */
const nameOf = (text: string): string | undefined => {
  const known = names.get(text);
  if (known !== undefined || names.size >= mostKept) return known;
  const name = `view-${names.size + 1}`;
  names.set(text, name);
  return name;
};

type Records = readonly Readonly<Record<string, unknown>>[];

const nothing = (): void => undefined;

export class PostgresViewStore extends ViewStore {
  readonly #pool: Pool;
  readonly #watch: ViewWatch;
  readonly #facts = new Map<string, Promise<TableFacts>>();

  /** The pool's role must be one that row-level security binds to `sight`: `strata_api`. */
  constructor(pool: Pool) {
    super();
    this.#pool = survivingLostConnections(pool);
    this.#watch = new ViewWatch(pool);
  }

  override async list<Row extends ViewRow>(query: ViewQuery<Row>): Promise<ViewPage<Row>> {
    const table = viewTable(query.view);
    const facts = await this.#factsOf(table);
    const { records, position } = await this.#read(query.view, query.sight, listSql(table, facts, query));
    const rows = records.slice(0, query.limit).map((record) => rowOf<Row>(table, record));
    const last = records.length > query.limit ? rows.at(-1) : undefined;
    return { rows, position, next: last ? cursorOf(table, query.sort.by, last) : null };
  }

  override async texts<Row extends ViewRow>(query: ViewQuery<Row>, read: string): Promise<ViewTexts> {
    const table = viewTable(query.view);
    const facts = await this.#factsOf(table);
    const { records, position } = await this.#read(query.view, query.sight, textsSql(table, facts, query, read));
    const [text, by] = [columnNamed(table, read), columnNamed(table, query.sort.by)];
    const page = records.slice(0, query.limit);
    const last = records.length > query.limit ? page.at(-1) : undefined;
    const next = last && { value: valueFrom(by.type, last[by.column]) as ViewValue, key: String(last['key']) };
    return { texts: page.map((record) => record[text.column] as string | null), position, next: next ?? null };
  }

  override async get<Row extends ViewRow>(request: {
    readonly view: Projection<Row>;
    readonly sight: Sight;
    readonly key: string;
    readonly asOf?: number | undefined;
  }): Promise<{ readonly row: Row; readonly position: number } | undefined> {
    const { view, sight, key, asOf } = request;
    const table = viewTable(view);
    const { records, position } = await this.#read(view, sight, getSql(table, key, asOf));
    const record = records[0];
    return record && { row: rowOf<Row>(table, record), position };
  }

  override async position(view: string): Promise<number> {
    return (await viewPositions(this.#pool, [view])).get(view) ?? 0;
  }

  override waitFor(view: string, position: number, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    return this.#watch.reaches(view, position, timeoutMs, signal);
  }

  async #read(
    view: Projection,
    sight: Sight,
    sql: ViewSql,
  ): Promise<{ readonly records: Records; readonly position: number }> {
    const client = await this.#pool.connect();
    // A connection that dies between two queries says so by an event; the next query fails with it.
    client.on('error', nothing);
    let ended = false;
    try {
      const standing = await standingIn(client, view.name, sight);
      const { text, values, keepsPlan } = sql(standing);
      const name = keepsPlan ? nameOf(text) : undefined;
      const { rows } = await client.query<Record<string, unknown>>({ ...(name && { name }), text, values });
      await client.query('commit');
      ended = true;
      return { records: rows, position: standing.position };
    } finally {
      // A connection whose transaction did not end well is not used again: it still carries someone's grants.
      client.off('error', nothing);
      client.release(!ended);
    }
  }

  #factsOf({ table }: ViewTable): Promise<TableFacts> {
    const known = this.#facts.get(table);
    if (known) return known;
    const facts = this.#readFacts(table);
    this.#facts.set(table, facts);
    facts.catch(() => this.#facts.delete(table));
    return facts;
  }

  async #readFacts(table: string): Promise<TableFacts> {
    const { rows } = await this.#pool.query<{ name: string }>(
      'select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attnotnull',
      [table],
    );
    return { nullable: new Set(rows.map(({ name }) => name)) };
  }
}

const standingIn = async (client: PoolClient, view: string, sight: Sight): Promise<Standing> => {
  // Several statements in one call answer with one result each, which the types of `pg` do not say.
  const results = (await client.query(begin(view, sight))) as unknown as readonly QueryResult<{
    generation: number;
    position: string;
    projects: readonly string[] | null;
  }>[];
  const standing = results.at(-1)?.rows[0];
  if (!standing) throw new Error(`${view}: no standing was read`);
  const { generation, position, projects } = standing;
  const few = projects && projects.length <= fewProjects ? projects : undefined;
  return { generation, position: Number(position), projects: few };
};

const cursorOf = <Row extends ViewRow>(table: ViewTable, by: string, row: Row): ViewCursor => {
  const members = row as ViewRow & Readonly<Record<string, unknown>>;
  // Columns with an order hold nothing but these values.
  return { value: members[columnNamed(table, by).member] as ViewValue, key: row.key };
};
