import { Global, Module, type DynamicModule, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, DiscoveryModule, NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyHttpOptions } from 'fastify';
import type { Server } from 'node:http';
import { AnsweringAdapter } from './server/answering-adapter.js';
import { AuthenticatedGuard } from './server/authenticated-guard.js';
import { Cursors } from './lists/cursors.js';
import type { HttpOptions } from './http-options.js';
import { MountedRoutes } from './server/mounted-routes.js';
import { ProblemFilter } from './problems/problem-filter.js';
import { declaredRoutes } from './route/declared-routes.js';
import { platformProblems } from './problems/problem-kinds.js';
import { DescriptionController } from './system/description.http.js';
import { HealthController } from './system/health.http.js';
import { describe } from './system/openapi/document.js';
import { MetricsController } from './system/metrics/metrics.http.js';
import { RequestMetrics } from './system/metrics/request-metrics.js';
import { ProblemPagesController } from './system/problem-pages.http.js';
import { mergeProblems, Surface } from './system/surface.js';
import { answerClientError, answerUnroutable } from './server/connection-faults.js';
import { passOverExpectations } from './server/single-headers.js';
import { addBodyParsers, addHooks, requestIdOf } from './server/server-hooks.js';

@Global()
@Module({})
class HttpModule {}

const platform = (
  features: Type | DynamicModule,
  options: HttpOptions,
  filter: ProblemFilter,
  surface: Surface,
): DynamicModule => ({
  module: HttpModule,
  global: true,
  imports: [DiscoveryModule, features],
  controllers: [HealthController, MetricsController, DescriptionController, ProblemPagesController],
  providers: [
    { provide: Surface, useValue: surface },
    { provide: Cursors, useValue: new Cursors(options.cursorKey, options.incarnation) },
    { provide: APP_GUARD, useClass: AuthenticatedGuard },
    { provide: APP_FILTER, useValue: filter },
  ],
  exports: [Cursors],
});

const serverOptions = {
  trustProxy: false,
  logger: false,
  // There is no middleware: nothing needs to run before the hooks.
  skipMiddie: true,
  requestIdHeader: false,
  return503OnClosing: false,
  forceCloseConnections: false,
  // Longer than the longest `Prefer: wait`, during which nothing is sent.
  connectionTimeout: 90_000,
  keepAliveTimeout: 65_000,
  requestTimeout: 30_000,
  // A request without `Host` is refused by a hook, in a problem.
  http: { headersTimeout: 10_000, maxHeaderSize: 16_384, requireHostHeader: false },
  genReqId: requestIdOf,
  frameworkErrors: answerUnroutable,
  clientErrorHandler: answerClientError,
} satisfies FastifyHttpOptions<Server> & { readonly skipMiddie: true };

export interface HttpApp {
  /** `http://<host>:<port>` as listened on. */
  readonly url: string;
  readonly routes: MountedRoutes;
  /** Takes no more, ends event streams, lets requests under way finish within the grace, then cuts what is left. */
  close(): Promise<void>;
}

const assemble = async (features: Type | DynamicModule, options: HttpOptions, stopping: AbortSignal) => {
  const { logger, incarnation, checkAnswers = false, maximumBodyBytes = 1_048_576 } = options;
  const context = { incarnation, shutdown: stopping, logger, checkAnswers };
  const filter = new ProblemFilter(logger, options.knownFaults ?? (() => undefined));
  const routes = new MountedRoutes();
  const requests = new RequestMetrics();
  const problems = mergeProblems([platformProblems, ...options.problems]);
  const surface = new Surface(problems, options.healthChecks, [requests, ...(options.metricSources ?? [])]);
  const adapter = new AnsweringAdapter({ ...serverOptions, bodyLimit: maximumBodyBytes }, context, filter, routes);
  const server = adapter.getInstance();
  server.decorate('strata', context);
  server.decorateRequest('strata');
  routes.observe(server);
  addHooks(server, options, requests, stopping);
  const root = platform(features, options, filter, surface);
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    bodyParser: false,
    logger: false,
    abortOnError: false,
  });
  addBodyParsers(server, maximumBodyBytes);
  surface.document = describe(options, declaredRoutes(app, surface.problems), surface.problems);
  return { app, server: passOverExpectations(server.server), routes };
};

/** Starts a server with the features' controllers. The features' module provides the `Authenticator`. */
export const startHttp = async (
  features: Type | DynamicModule,
  options: HttpOptions,
  listen: { readonly host: string; readonly port: number },
): Promise<HttpApp> => {
  const stopping = new AbortController();
  const { app, server, routes } = await assemble(features, options, stopping.signal);
  const close = async (): Promise<void> => {
    stopping.abort();
    const cut = setTimeout(() => server.closeAllConnections(), options.closeGraceMs ?? 8_000);
    await app.close().finally(() => clearTimeout(cut));
  };
  try {
    await app.listen(listen.port, listen.host);
  } catch (fault) {
    await close();
    throw fault;
  }
  return { url: await app.getUrl(), routes, close };
};
