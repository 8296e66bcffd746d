import type { FastifyInstance } from 'fastify';

export interface MountedRoute {
  readonly method: string;
  readonly path: string;
}

/** What the server really serves, as it was told: the OpenAPI document and `405` are held against this. */
export class MountedRoutes {
  readonly #routes: MountedRoute[] = [];
  #patterns: { readonly method: string; readonly matches: RegExp }[] | undefined;

  observe(server: FastifyInstance): void {
    server.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) this.#routes.push({ method: one, path: url });
    });
  }

  get all(): readonly MountedRoute[] {
    return this.#routes;
  }

  /** The methods under which a path is known. */
  methodsAt(path: string): readonly string[] {
    this.#patterns ??= this.#routes.map((mounted) => ({
      method: mounted.method,
      matches: new RegExp(`^${mounted.path.replaceAll('.', '\\.').replace(/:[^/]+/g, '[^/]+')}$`),
    }));
    const methods = this.#patterns.filter(({ matches }) => matches.test(path)).map(({ method }) => method);
    return [...new Set(methods)].sort();
  }
}
