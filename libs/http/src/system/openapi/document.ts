import type { ProblemKinds } from '../../problems/problem-kinds.js';
import type { JsonSchema } from '../../route/documented.js';
import type { RouteDeclaration } from '../../route/route.js';
import { headerParameters, parametersOf } from './parameters.js';
import { Problem, responseHeaders, responsesOf } from './responses.js';
import { Schemas } from './schemas.js';

export interface OpenApiOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly parameters: readonly object[];
  readonly requestBody?: object;
  readonly responses: object;
  readonly security: readonly object[];
}

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>>; readonly [kind: string]: object };
}

const tokens = {
  bearer: { type: 'http', scheme: 'bearer', description: 'A service token of Strata: `strata_<id>_<secret>`.' },
} as const;

const bodyOf = (schemas: Schemas, { method, body, hasBody }: RouteDeclaration) => {
  if (!hasBody) return {};
  const content = { schema: schemas.of(body, 'input') };
  const patch = method === 'PATCH' ? { 'application/merge-patch+json': content } : {};
  return { requestBody: { required: true, content: { ...patch, 'application/json': content } } };
};

/** `/v1/projects/:projectId` as OpenAPI writes it. */
export const templateOf = (path: string): string => path.replace(/:([A-Za-z]+)/g, '{$1}');

const operationOf = (schemas: Schemas, route: RouteDeclaration, problems: ProblemKinds): OpenApiOperation => ({
  operationId: route.operationId,
  summary: route.summary,
  ...(route.description === undefined ? {} : { description: route.description }),
  tags: [route.tag],
  parameters: parametersOf(schemas, route),
  ...bodyOf(schemas, route),
  responses: responsesOf(schemas, route, problems),
  security: route.access === 'public' ? [] : [{ bearer: [] }],
});

const description =
  'A storage control plane. What reaches the cloud is answered with an operation; errors are problems (RFC 9457) whose ' +
  '`type` leads to an explanation. `errors[].pointer` of a malformed request is a JSON pointer into the body; faults ' +
  'elsewhere begin with `/query/`, `/header/` or `/path/`.';

/** OpenAPI 3.1, from the very declarations that the server runs on. */
export const describe = (
  { title, version }: { readonly title: string; readonly version: string },
  routes: readonly RouteDeclaration[],
  problems: ProblemKinds,
): OpenApiDocument => {
  const schemas = new Schemas();
  schemas.of(Problem, 'output');
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const route of routes) {
    const methods = (paths[templateOf(route.path)] ??= {});
    methods[route.method.toLowerCase()] = operationOf(schemas, route, problems);
  }
  return {
    openapi: '3.1.1',
    info: { title, version, description },
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: schemas.components,
      parameters: headerParameters,
      headers: responseHeaders,
      securitySchemes: tokens,
    },
  };
};
