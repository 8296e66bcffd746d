import type { Pool } from 'pg';
import type { Sight } from '../event-store.js';
import type { Projection, ViewRow } from '../follower.js';
import {
  ViewStore,
  type ViewCursor,
  type ViewTexts,
  type ViewPage,
  type ViewQuery,
  type ViewValue,
} from '../view-store.js';
import { survivingLostConnections } from './follower-transaction.js';
import { rowOf, valueFrom, viewTable, type ViewTable } from './projection-table.js';
import { fewProjects, getSql, textsSql, listSql, type ViewSql } from './view-store-query.js';
import { columnNamed } from './view-store-columns.js';
import { tableFacts, type TableFacts } from './view-store-facts.js';
import { isUuid } from './view-store-values.js';
import { viewPositions, ViewWatch } from './view-store-wait.js';

/** Whose eyes read. What is no id can be nobody's project. */
const grantsOf = (sight: Sight): string => (sight.all ? '{}' : `{${sight.nodes.filter(isUuid).join(',')}}`);

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

/** What every row of an answer begins with. */
interface Opened {
  readonly view_position: string;
  /** How many the reader sees, counted no further than to one more than few; null where that was not asked. */
  readonly view_projects: number | null;
  /** More rows than a few match the filter that led: none were read. */
  readonly view_exceeded: boolean;
}
type Answered = Opened & Readonly<Record<string, unknown>>;

interface Joined {
  /** One more than the page where there is a next. */
  readonly count: number;
  /** Null of an empty page. */
  readonly lacks: boolean | null;
  readonly joined: string | null;
  readonly last_key: string | null;
  readonly last_sorted_by: unknown;
}

/** What was found to be many is taken to be many for so long. */
const manyForMs = 60_000;
const mostRemembered = 2_000;

/**
 * Readers who see many projects, and filters that many rows match: told by the database, so that the next page is not tried by
 * them first. To forget costs a statement, and to be wrong no more than time.
 */
class FoundMany {
  readonly #until = new Map<string, number>();

  has(what: string): boolean {
    return (this.#until.get(what) ?? 0) > performance.now();
  }

  add(what: string): void {
    if (this.#until.size >= mostRemembered) this.#until.clear();
    this.#until.set(what, performance.now() + manyForMs);
  }
}

export class PostgresViewStore extends ViewStore {
  readonly #pool: Pool;
  readonly #watch: ViewWatch;
  readonly #many = new FoundMany();
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
    const { rows: answered, position } = await this.#read(query.view, query.sight, listSql(table, facts, query));
    const records = answered.filter(({ key }) => key !== null);
    const rows = records.slice(0, query.limit).map((record) => rowOf<Row>(table, record));
    const last = records.length > query.limit ? rows.at(-1) : undefined;
    return { rows, position, next: last ? cursorOf(table, query.sort.by, last) : null };
  }

  override async texts<Row extends ViewRow>(query: ViewQuery<Row>, read: string): Promise<ViewTexts | undefined> {
    const table = viewTable(query.view);
    const facts = await this.#factsOf(table);
    const { rows, position } = await this.#read(query.view, query.sight, textsSql(table, facts, query, read));
    const [page] = rows as readonly (Answered & Joined)[];
    if (!page || page.lacks) return undefined;
    const { count, joined, last_key: key, last_sorted_by: sortedBy } = page;
    const { type } = columnNamed(table, query.sort.by);
    return {
      joined: joined ?? '',
      count: Math.min(count, query.limit),
      position,
      next: count > query.limit ? { key: String(key), value: valueFrom(type, sortedBy) as ViewValue } : null,
    };
  }

  override async get<Row extends ViewRow>(request: {
    readonly view: Projection<Row>;
    readonly sight: Sight;
    readonly key: string;
    readonly asOf?: number | undefined;
  }): Promise<{ readonly row: Row; readonly position: number } | undefined> {
    const { view, sight, key, asOf } = request;
    const table = viewTable(view);
    const { rows, position } = await this.#read(view, sight, getSql(table, key, asOf));
    const record = rows.find((row) => row['key'] !== null);
    return record && { row: rowOf<Row>(table, record), position };
  }

  override async position(view: string): Promise<number> {
    return (await viewPositions(this.#pool, [view])).get(view) ?? 0;
  }

  override waitFor(view: string, position: number, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    return this.#watch.reaches(view, position, timeoutMs, signal);
  }

  /**
   * One statement, and so one snapshot, one transaction that carries the grants, and one way to the database and back. Where
   * much turns out to be what was taken for few, it is read for once more, another way.
   */
  async #read(
    view: Projection,
    sight: Sight,
    sql: ViewSql,
  ): Promise<{ readonly rows: readonly Answered[]; readonly position: number }> {
    const grants = grantsOf(sight);
    const reader = sight.all ? 'all' : grants;
    const byProjects = sql.byProjects && !sight.all && !this.#many.has(reader);
    const filterOf = (id: string) => `${view.name} ${reader} ${id}`;
    const lead = sql.leads(byProjects).find(({ id }) => !this.#many.has(filterOf(id)));
    const text = sql.text({ byProjects, lead });
    const name = sql.keepsPlan ? nameOf(text) : undefined;
    const values = [view.name, sight.all, grants, byProjects ? fewProjects + 1 : 0, ...sql.values];
    const { rows } = await this.#pool.query<Answered>({ ...(name && { name }), text, values });
    const [first] = rows;
    if (!first) throw new Error(`${view.name}: a read was not answered`);
    const seesMany = (first.view_projects ?? 0) > fewProjects;
    if (!seesMany && !first.view_exceeded) return { rows, position: Number(first.view_position) };
    if (seesMany) this.#many.add(reader);
    else if (lead) this.#many.add(filterOf(lead.id));
    return this.#read(view, sight, sql);
  }

  #factsOf({ table }: ViewTable): Promise<TableFacts> {
    const known = this.#facts.get(table);
    if (known) return known;
    const facts = tableFacts(this.#pool, table);
    this.#facts.set(table, facts);
    facts.catch(() => this.#facts.delete(table));
    return facts;
  }
}

const cursorOf = <Row extends ViewRow>(table: ViewTable, by: string, row: Row): ViewCursor => {
  const members = row as ViewRow & Readonly<Record<string, unknown>>;
  // Columns with an order hold nothing but these values.
  return { value: members[columnNamed(table, by).member] as ViewValue, key: row.key };
};
