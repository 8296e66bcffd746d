export type Schema = Readonly<Record<string, unknown>>;

interface Parameter {
  readonly $ref?: string;
  readonly name?: string;
  readonly in?: string;
}

interface Described {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

export interface DescribedRoute {
  readonly operationId: string;
  /** In capitals. */
  readonly method: string;
  readonly path: string;
  /** Names of its query members. */
  readonly query: readonly string[];
  readonly body: Schema | undefined;
}

export interface Description {
  /** Of the API proper: what needs a token. */
  readonly routes: readonly DescribedRoute[];
  readonly schemas: Readonly<Record<string, Schema>>;
}

/** The published OpenAPI document, as far as generated tests need it. */
export const describedRoutes = async (apiUrl: string): Promise<Description> => {
  const document = (await (await fetch(`${apiUrl}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, Described>>;
    components: { schemas: Record<string, Schema>; parameters?: Record<string, Parameter> };
  };
  const resolve = ({ $ref, ...parameter }: Parameter): Parameter =>
    $ref === undefined ? parameter : (document.components.parameters?.[$ref.split('/').pop() ?? ''] ?? {});
  const routes = Object.entries(document.paths)
    .filter(([path]) => path.startsWith('/v1/'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId, parameters = [], requestBody }]) => ({
        operationId,
        method: method.toUpperCase(),
        path,
        query: parameters.map(resolve).flatMap((each) => (each.in === 'query' && each.name ? [each.name] : [])),
        body: requestBody?.content['application/json']?.schema,
      })),
    );
  return { routes, schemas: document.components.schemas };
};

/** The path with an id at each of its places. Throws where none is known: a new kind of id must be thought of. */
export const filledPath = (path: string, ids: Readonly<Record<string, string>>): string =>
  path.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    const id = ids[name];
    if (id === undefined) throw new Error(`no id is known for {${name}} in ${path}`);
    return id;
  });
