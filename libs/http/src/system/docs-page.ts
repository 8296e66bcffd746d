import type { Answer } from '../answers/answer.js';
import type { JsonSchema } from '../route/documented.js';
import { escapeHtml, inline, page } from './html.js';
import type { OpenApiDocument, OpenApiOperation } from './openapi/document.js';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

interface Content {
  readonly description?: string;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

const resolve = (document: OpenApiDocument, parameter: object): Parameter => {
  if (!('$ref' in parameter) || typeof parameter.$ref !== 'string') return parameter as Parameter;
  const name = parameter.$ref.slice(parameter.$ref.lastIndexOf('/') + 1);
  return (document.components['parameters'] as Readonly<Record<string, Parameter>>)[name] as Parameter;
};

const json = (value: unknown): string => `<pre>${escapeHtml(JSON.stringify(value, null, 2))}</pre>`;

const parameterRow = ({ name, in: place, required, description = '', schema }: Parameter): string =>
  `<tr><td><code>${escapeHtml(name)}</code>${required ? ' *' : ''}</td><td>${place}</td>` +
  `<td><code>${escapeHtml(JSON.stringify(schema))}</code></td><td>${inline(description)}</td></tr>`;

const contentOf = ({ content = {} }: Content): string =>
  Object.entries(content)
    .filter(([type]) => type !== 'application/problem+json')
    .map(([type, { schema }]) => `<p><code>${escapeHtml(type)}</code></p>${json(schema)}`)
    .join('');

const operationHtml = (
  document: OpenApiDocument,
  path: string,
  method: string,
  { summary, description, parameters, requestBody, responses }: OpenApiOperation,
): string => {
  const rows = parameters.map((parameter) => parameterRow(resolve(document, parameter))).join('');
  const answers = Object.entries(responses as Readonly<Record<string, Content>>)
    .map(([status, response]) => `<h4>${status}</h4><p>${inline(response.description ?? '')}</p>${contentOf(response)}`)
    .join('');
  return (
    `<details><summary><span class="method">${method.toUpperCase()}</span> <code>${escapeHtml(path)}</code> – ` +
    `${inline(summary)}</summary>${description ? `<p>${inline(description)}</p>` : ''}<table>${rows}</table>` +
    `${requestBody ? `<h4>Body</h4>${contentOf(requestBody as Content)}` : ''}${answers}</details>`
  );
};

const pages = new WeakMap<OpenApiDocument, Answer>();

const render = (document: OpenApiDocument): Answer => {
  const { info, tags, paths, components } = document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const groups = tags.map(({ name }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    const list = own.map(({ path, method, operation }) => operationHtml(document, path, method, operation)).join('');
    return `<h2>${escapeHtml(name)}</h2>${list}`;
  });
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) => `<details><summary><code>${escapeHtml(name)}</code></summary>${json(schema)}</details>`,
  );
  return page(
    info.title,
    `<h1>${escapeHtml(info.title)} ${escapeHtml(info.version)}</h1><p>${inline(info.description)}</p>` +
      `<p><a href="/openapi.json">openapi.json</a></p>${groups.join('')}<h2>Schemas</h2>${schemas.join('')}`,
  );
};

/** The description as one page; made once. */
export const describeAsHtml = (document: OpenApiDocument): Answer => {
  const known = pages.get(document) ?? render(document);
  pages.set(document, known);
  return known;
};
