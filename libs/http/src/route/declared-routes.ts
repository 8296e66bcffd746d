import type { INestApplicationContext } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { ProblemKinds } from '../problems/problem-kinds.js';
import type { RouteDeclaration } from './route.js';
import { declarationOf } from './route-decorator.js';

const declarationsOf = (scanner: MetadataScanner, controller: object): RouteDeclaration[] =>
  scanner.getAllMethodNames(controller).flatMap((name) => {
    const method: unknown = Reflect.get(controller, name);
    const declaration = typeof method === 'function' ? declarationOf(method) : undefined;
    return declaration ? [declaration] : [];
  });

const check = (routes: readonly RouteDeclaration[], problems: ProblemKinds): void => {
  const seen = new Set<string>();
  for (const { operationId, problems: codes } of routes) {
    if (seen.has(operationId)) throw new Error(`two routes are called ${operationId}`);
    seen.add(operationId);
    const unknown = codes.filter((code) => !Object.hasOwn(problems, code));
    if (unknown.length > 0)
      throw new Error(`${operationId} declares problems that nobody defines: ${unknown.join(', ')}`);
  }
};

/** Every route of every controller. A name twice, or a problem that is not defined, stops the boot. */
export const declaredRoutes = (app: INestApplicationContext, problems: ProblemKinds): readonly RouteDeclaration[] => {
  const scanner = new MetadataScanner();
  const controllers = app.get(DiscoveryService, { strict: false }).getControllers();
  const routes = controllers.flatMap(({ metatype }) =>
    metatype ? declarationsOf(scanner, metatype.prototype as object) : [],
  );
  check(routes, problems);
  return routes;
};
