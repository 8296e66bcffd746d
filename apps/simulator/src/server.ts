import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { catalogueRoutes } from './cinder/catalogue.js';
import { extensionRoutes } from './cinder/extensions.js';
import { metadataRoutes } from './cinder/metadata.js';
import { quotaRoutes } from './cinder/quotas.js';
import { summaryRoutes } from './cinder/summary.js';
import { transferRoutes } from './cinder/transfers.js';
import { versionRoutes } from './cinder/versions.js';
import { cinderSnapshotRoutes } from './cinder/snapshots.js';
import { volumeActionRoutes } from './cinder/volume-actions.js';
import { volumeRoutes } from './cinder/volumes.js';
import type { Cloud, Latency } from './cloud.js';
import { BadSwitch } from './control/read-switch.js';
import { controlRoutes } from './control/routes.js';
import { attachmentRoutes } from './ecs/attachments.js';
import { serverDiskRoutes } from './ecs/server-disks.js';
import { serverJobRoutes } from './ecs/jobs.js';
import { serverRoutes } from './ecs/servers.js';
import { diskListRoutes } from './evs/disk-list.js';
import { diskRoutes } from './evs/disks.js';
import { jobRoutes } from './evs/jobs.js';
import { loadingRoutes } from './evs/loading.js';
import { oldDiskRoutes } from './evs/old-disk-calls.js';
import { retypeRoutes } from './evs/retype.js';
import { resourceTagRoutes } from './evs/resource-tags.js';
import { snapshotRoutes } from './evs/snapshots.js';
import { tagRoutes } from './evs/tags.js';
import type { Route } from './http/call.js';
import { envelope, keystoneFault, protocolFault, unknownApi, type Answer } from './http/envelope.js';
import { methodsAt } from './http/methods.js';
import { refuse } from './http/refusal.js';
import { RequestLog } from './http/request-log.js';
import { serve } from './http/serve.js';
import { withTwins } from './http/twins.js';
import { projectRoutes } from './iam/projects.js';
import { tokenRoutes } from './iam/tokens.js';
import { imageRoutes } from './ims/images.js';

/** The gateway's bound on a body (EVS reference §8.5). */
const MAX_BODY_BYTES = 12 * 1_024 * 1_024;

declare module 'fastify' {
  interface FastifyContextConfig {
    route?: Route;
  }
  interface FastifyRequest {
    /** The body as it came, for signatures. */
    payload: Buffer | null;
  }
}

/** Every call of the cloud, with its twin in v3 where it has one, in the order in which they are mounted. */
export const surface = (cloud: Cloud): readonly Route[] => withTwins(rows(cloud));

const rows = (cloud: Cloud): readonly Route[] => [
  ...tokenRoutes(cloud),
  ...projectRoutes(cloud),
  ...diskRoutes(cloud),
  ...diskListRoutes(cloud),
  ...oldDiskRoutes(cloud),
  ...loadingRoutes(cloud),
  ...retypeRoutes(cloud),
  ...jobRoutes(cloud),
  ...tagRoutes(cloud),
  ...snapshotRoutes(cloud),
  ...resourceTagRoutes(cloud),
  ...volumeRoutes(cloud),
  ...volumeActionRoutes(cloud),
  ...summaryRoutes(cloud),
  ...cinderSnapshotRoutes(cloud),
  ...metadataRoutes(cloud),
  ...catalogueRoutes(cloud),
  ...quotaRoutes(cloud),
  ...transferRoutes(cloud),
  ...extensionRoutes,
  ...serverRoutes(cloud),
  ...serverDiskRoutes(cloud),
  ...serverJobRoutes(cloud),
  ...attachmentRoutes(cloud),
  ...imageRoutes(cloud),
  ...versionRoutes,
];

/** The whole surface over HTTP, not yet listening. */
export const buildServer = (cloud: Cloud, defaults: Latency): FastifyInstance => {
  const app = Fastify({
    bodyLimit: MAX_BODY_BYTES,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    genReqId: () => randomUUID().replaceAll('-', ''),
  });
  const log = new RequestLog();
  const routes = surface(cloud);
  app.decorateRequest('payload', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, parseJson);
  app.addHook('onRequest', async (request, reply) => {
    const date = new Date(cloud.world.clock.nowMs()).toUTCString();
    reply.headers({ 'X-Request-Id': request.id, Date: date });
  });
  app.setErrorHandler((error: FastifyError, request, reply) => reportFault(log, error, request, reply));
  app.setNotFoundHandler((request, reply) => reportUnknown(log, routes, request, reply));
  for (const route of routes) serve(app, cloud, log, route);
  controlRoutes(app, cloud, log, defaults);
  return app;
};

class MalformedJson extends Error {}

/** An empty body is none, also where the header promises JSON: many clients send it with DELETE. */
const parseJson = (
  request: FastifyRequest,
  text: Buffer,
  done: (error: Error | null, body?: unknown) => void,
): void => {
  request.payload = text;
  if (text.length === 0) return done(null, undefined);
  try {
    return done(null, JSON.parse(text.toString('utf8')));
  } catch (cause) {
    return done(new MalformedJson('the body is not JSON', { cause }));
  }
};

const sendAnswer = (reply: FastifyReply, { status, headers = {}, body }: Answer): FastifyReply =>
  reply.code(status).headers(headers).send(body);

const reportFault = (
  log: RequestLog,
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply => {
  if (error instanceof BadSwitch) return reply.code(400).send({ error: error.message });
  const { route } = request.routeOptions.config;
  const answer = faultAnswer(error, route, request.id);
  if (route) log.count(route.operation, answer.status);
  return sendAnswer(reply, answer);
};

const faultAnswer = (error: FastifyError, route: Route | undefined, requestId: string): Answer => {
  if (!route) return { status: error.statusCode ?? 400, body: { error: error.message } };
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return protocolFault(route.surface, 415, 'Content-Type must be application/json');
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return envelope(route.surface, refuse('APIG.0201', 'the body is too large', 413), requestId);
  if (error instanceof MalformedJson) {
    if (route.surface === 'iam') return keystoneFault(400, 'Bad Request', error.message);
    return envelope(route.surface, refuse(route.malformed ?? 'EVS.5400', error.message), requestId);
  }
  throw error;
};

const reportUnknown = (
  log: RequestLog,
  routes: readonly Route[],
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply => {
  const found = methodsAt(routes, request.url.split('?', 1)[0] ?? '');
  const answer: Answer = found
    ? {
        ...protocolFault(found.surface, 405, 'the method is not allowed here'),
        headers: { Allow: found.methods.join(', ') },
      }
    : unknownApi(request.id);
  log.count('unknown', answer.status);
  return sendAnswer(reply, answer);
};
