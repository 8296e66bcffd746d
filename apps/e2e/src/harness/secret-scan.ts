import pg from 'pg';

/** A place that was looked at, with everything that is written there. */
export interface Place {
  readonly name: string;
  readonly text: string;
}

/** Every row of every table that is not PostgreSQL's own. */
export const tablesOf = async (adminUrl: string): Promise<readonly Place[]> => {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
        where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
    );
    const places: Place[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ text: string }>(`select to_jsonb(t)::text as text from ${name} t`);
      places.push({ name, text: rows.map(({ text }) => text).join('\n') });
    }
    return places;
  } finally {
    await client.end();
  }
};

/** As it is, and as it would stand in a URL, in base64 and in hex. */
const formsOf = (secret: string): readonly string[] => {
  const bytes = Buffer.from(secret);
  // Without the last letters, which depend on what follows.
  return [secret, encodeURIComponent(secret), bytes.toString('hex'), bytes.toString('base64').slice(0, -4)];
};

/** `<secret> in <place>` for each that stands where none may. */
export const foundIn = (places: readonly Place[], secrets: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(secrets).flatMap(([what, secret]) =>
    places
      .filter(({ text }) => formsOf(secret).some((form) => text.includes(form)))
      .map(({ name }) => `${what} in ${name}`),
  );
