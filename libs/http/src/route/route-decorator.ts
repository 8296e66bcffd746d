import { applyDecorators, createParamDecorator, HttpCode, RequestMapping, RequestMethod } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readRequest, type ReadingContext } from '../request/read-request.js';
import type { RouteDeclaration } from './route.js';

const declarations = new WeakMap<object, RouteDeclaration>();

/** The declaration that a controller's method was decorated with. */
export const declarationOf = (handler: object): RouteDeclaration | undefined => declarations.get(handler);

const methods = {
  GET: RequestMethod.GET,
  POST: RequestMethod.POST,
  PUT: RequestMethod.PUT,
  PATCH: RequestMethod.PATCH,
  DELETE: RequestMethod.DELETE,
} as const;

const remember =
  (declaration: RouteDeclaration): MethodDecorator =>
  (_target, _name, descriptor) => {
    if (typeof descriptor.value === 'function') declarations.set(descriptor.value, declaration);
  };

/**
 * Mounts a method of a `@Controller()` (without a prefix: the declaration has the whole path). It takes `@Input()` and
 * returns an `Answer`.
 */
export const Route = (declaration: RouteDeclaration): MethodDecorator =>
  applyDecorators(
    RequestMapping({ path: declaration.path, method: methods[declaration.method] }),
    HttpCode(Number(Object.keys(declaration.answers)[0] ?? 200)),
    remember(declaration),
  );

/** The request, checked: `@Input() input: InputOf<typeof requestDisk>`. */
export const Input = createParamDecorator((_data: unknown, context: ExecutionContext) => {
  const declaration = declarations.get(context.getHandler());
  if (!declaration) throw new Error(`${context.getHandler().name} takes @Input() without @Route()`);
  const http = context.switchToHttp();
  const reply = http.getResponse<FastifyReply>();
  return readRequest(declaration, http.getRequest<FastifyRequest>(), reply, reply.server.strata);
});

declare module 'fastify' {
  interface FastifyInstance {
    strata: ReadingContext;
  }
}
