import { type CanActivate, type ExecutionContext, Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Authenticator } from './auth.js';
import { problem } from '../problems/refused.js';
import { declarationOf } from '../route/route-decorator.js';

/** Whoever sends no token at all learns how; about one that does not hold nothing more is said. */
const unnamed = ({ headers }: FastifyRequest) =>
  headers.authorization === undefined
    ? { detail: 'The request carries no token: send Authorization: Bearer <token>.' }
    : {};

/** Lets nobody nameless onto a route that is not public. The app provides the `Authenticator`. */
@Injectable()
export class AuthenticatedGuard implements CanActivate, OnModuleInit {
  #authenticator: Authenticator | undefined;

  constructor(private readonly modules: ModuleRef) {}

  onModuleInit(): void {
    this.#authenticator = this.modules.get(Authenticator, { strict: false });
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const declaration = declarationOf(context.getHandler());
    request.strata.route = declaration;
    if (declaration?.access === 'public') return true;
    request.strata.caller = (await this.#authenticator?.authenticate(request.headers)) ?? null;
    if (request.strata.caller === null) throw problem('unauthenticated', unnamed(request));
    return true;
  }
}
