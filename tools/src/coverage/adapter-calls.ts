import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** A call as the source of an adapter spells it. */
export interface AdapterCall {
  /** From the root of the workspace. */
  readonly file: string;
  /** Several where it is decided by the call. */
  readonly services: readonly string[];
  readonly method: string;
  /** `/v2/{}/cloudvolumes/{}`: `{}` is an id, `*` anything; null where the source cannot be read so far. */
  readonly path: string | null;
  /** The first member of the body, as `os-extend`: it tells actions on one path apart. */
  readonly action: string | null;
}

const adapters = ['libs/cloud/src/evs', 'libs/cloud/src/openstack'];

/** The sources of the adapters, without what tests them. */
export const adapterFiles = (root: string): readonly string[] =>
  adapters
    .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }))
    .filter((file) => !/\.(spec|openstack)\.ts$/.test(file) && !file.includes('/fixtures/'))
    .sort();

export const adapterCalls = (root: string): readonly AdapterCall[] =>
  adapterFiles(root).flatMap((file) => callsIn(file, readFileSync(join(root, file), 'utf8')));

/** Each object with a literal `method` and a `path`: that is how adapters write a call. */
export const callsIn = (file: string, text: string): readonly AdapterCall[] => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const calls: AdapterCall[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isObjectLiteralExpression(node)) calls.push(...callOf(file, source, node));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return calls;
};

const callOf = (file: string, source: ts.SourceFile, node: ts.ObjectLiteralExpression): readonly AdapterCall[] => {
  const method = memberOf(source, node, 'method');
  const path = memberOf(source, node, 'path');
  if (method === null || path === null || !ts.isStringLiteral(method)) return [];
  const version = memberOf(source, node, 'version');
  const afterProject = spelled(source, path);
  // Unless it is told, the version is the one that nearly all calls have; OpenStack's have none, and are listed with it.
  // The service of images takes the project from the token.
  const services = servicesIn(source, memberOf(source, node, 'service'));
  const project = services.every((service) => service === 'ims') ? '' : '/{}';
  const before = `/${version === null ? 'v2' : (spelled(source, version) ?? '*')}${project}`;
  return [
    {
      file,
      services,
      method: method.text,
      path: afterProject === null ? null : before + afterProject,
      action: actionIn(memberOf(source, node, 'body')),
    },
  ];
};

/** A service that is chosen on the way is one of those that the file names. */
const servicesIn = (source: ts.SourceFile, service: ts.Expression | null): readonly string[] => {
  if (service === null) return ['evs'];
  // Glance is what the service of images has in common with upstream.
  if (ts.isStringLiteral(service)) return [service.text === 'glance' ? 'ims' : service.text];
  return [...source.text.matchAll(/'(evs|ecs|ims)'/g)].map(([, name = '']) => name);
};

/** The value of a member, followed to the constant that it names. */
const memberOf = (source: ts.SourceFile, node: ts.ObjectLiteralExpression, name: string): ts.Expression | null => {
  for (const member of node.properties) {
    if (member.name === undefined || member.name.getText(source) !== name) continue;
    if (ts.isPropertyAssignment(member)) return resolved(source, member.initializer);
    if (ts.isShorthandPropertyAssignment(member)) return resolved(source, member.name);
  }
  return null;
};

/** The last constant of that name before the place where it is used; the expression itself where there is none. */
const resolved = (source: ts.SourceFile, expression: ts.Expression): ts.Expression => {
  if (!ts.isIdentifier(expression)) return expression;
  let found: ts.Expression = expression;
  const visit = (node: ts.Node): void => {
    if (node.pos >= expression.pos) return;
    if (ts.isVariableDeclaration(node) && node.name.getText(source) === expression.text && node.initializer)
      found = node.initializer;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
};

const spelled = (source: ts.SourceFile, expression: ts.Expression): string | null => {
  if (ts.isStringLiteral(expression) || ts.isNoSubstitutionTemplateLiteral(expression)) return expression.text;
  if (!ts.isTemplateExpression(expression)) return null;
  return expression.templateSpans.reduce(
    (text, { expression: filled, literal }) => text + filledIn(source, filled) + literal.text,
    expression.head.text,
  );
};

const filledIn = (source: ts.SourceFile, expression: ts.Expression): string =>
  ts.isCallExpression(expression) && expression.expression.getText(source) === 'segment'
    ? '{}'
    : (spelled(source, resolved(source, expression)) ?? '*');

const actionIn = (body: ts.Expression | null): string | null => {
  if (body === null || !ts.isObjectLiteralExpression(body)) return null;
  const [only] = body.properties;
  const name = only?.name;
  return name !== undefined && (ts.isStringLiteral(name) || ts.isIdentifier(name)) ? name.text : null;
};
