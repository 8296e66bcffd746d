import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import pg from 'pg';

const OID = { char: 18, text: 25 } as const;

/** Columns of the type "char" in a result, by its rows. */
type CharColumns = WeakMap<object, readonly number[]>;

/** Lets the adapter take "char", with which PostgreSQL's own catalogue tells kinds apart, for text, and notes where it was. */
class CatalogueReader extends pg.Pool {
  constructor(
    url: string,
    private readonly charColumns: CharColumns,
  ) {
    super({ connectionString: url, max: 2 });
  }

  // The pool's `query` has many signatures; the adapter uses the one that answers with a promise.
  override query = (async (...args: Parameters<pg.Pool['query']>) => {
    const result = (await super.query(...args)) as unknown as pg.QueryResult | undefined;
    if (!result?.fields) return result;
    const chars = result.fields.flatMap(({ dataTypeID }, index) => (dataTypeID === OID.char ? [index] : []));
    for (const field of result.fields) if (field.dataTypeID === OID.char) field.dataTypeID = OID.text;
    this.charColumns.set(result.rows, chars);
    return result;
  }) as unknown as pg.Pool['query'];
}

/**
 * Prisma's adapter for `pg`, made fit for its schema engine: scripts go to PostgreSQL whole (the adapter cuts them at every
 * semicolon, also inside a function's body), which also makes each one transaction, and the catalogue can be read.
 */
export class SchemaEngineAdapter extends PrismaPg {
  readonly #charColumns: CharColumns;
  readonly #pool: pg.Pool;

  constructor(url: string) {
    const charColumns: CharColumns = new WeakMap();
    const pool = new CatalogueReader(url, charColumns);
    super(pool);
    this.#charColumns = charColumns;
    this.#pool = pool;
  }

  override async connect() {
    const adapter = await super.connect();
    adapter.executeScript = async (script) => void (await this.#pool.query(script));
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (query) => {
      const result = await queryRaw(query);
      for (const index of this.#charColumns.get(result.rows) ?? [])
        result.columnTypes[index] = ColumnTypeEnum.Character;
      return result;
    };
    return adapter;
  }

  /** The engine never closes what it opened, and an open session keeps the lock of its migration. */
  async disconnect(): Promise<void> {
    await this.#pool.end();
  }
}
