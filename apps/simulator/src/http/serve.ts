import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Cloud } from '../cloud.js';
import type { Subject } from '../faults/fault-set.js';
import { authorise } from './authorise.js';
import type { Call, Route } from './call.js';
import { envelope, type Answer, type Surface } from './envelope.js';
import { asRead } from './as-read.js';
import { headersFor, microversionOf } from './microversion.js';
import { isRefusal, refuse, type Refusal, type RefusalCode } from './refusal.js';
import type { Ending, RequestLog } from './request-log.js';

/** What happens to an answer on its way out. */
type Delivery =
  { readonly type: 'send' } | { readonly type: 'drop' } | { readonly type: 'hold'; readonly ms: number | null };

interface Outcome {
  readonly answer: Answer;
  readonly delivery: Delivery;
}

const send: Delivery = { type: 'send' };
const noPayload = Buffer.alloc(0);
const nothing: Answer = { status: 0 };

/** Mounts one row of the surface: latency, faults before, the caller, the call itself, faults after. */
export const serve = (app: FastifyInstance, cloud: Cloud, log: RequestLog, route: Route): void => {
  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    if (cloud.latency.requestMs > 0) await delay(cloud.latency.requestMs);
    const { answer, delivery } = carryOut(cloud, route, request);
    const ending = await deliver(request, reply, answer, delivery);
    log.count(route.operation, ending);
    if (ending !== answer.status) return reply;
    if (route.surface === 'cinder' || route.surface === 'nova')
      reply.header('x-openstack-request-id', `req-${request.id}`);
    reply.code(answer.status).headers(answer.headers ?? {});
    return answer.body === undefined ? reply.send() : reply.send(answer.body);
  };
  for (const url of route.paths) app.route({ method: route.method, url, config: { route }, handler });
};

const carryOut = (cloud: Cloud, route: Route, request: FastifyRequest): Outcome => {
  const nowMs = cloud.world.settle();
  const asked = { ...read(request), operation: route.operation, surface: route.surface, nowMs };
  const subject = subjectOf(cloud, asked);
  const early = beforeEffect(cloud, subject, request.id);
  if (early) return early;
  const result = answerOf(cloud, route, asked);
  const enveloped = isRefusal(result) ? envelope(route.surface, codeAsRead(cloud, route, result), request.id) : result;
  const answer = asRead(cloud.readings, route, enveloped);
  return afterEffect(cloud, route, subject, answer, request.id);
};

const namedQuota: readonly RefusalCode[] = ['EVS.1034', 'EVS.1042'];

const codeAsRead = ({ readings }: Cloud, { surface }: Route, refusal: Refusal): Refusal =>
  surface === 'native' && readings.overQuota === 'over-limit' && namedQuota.includes(refusal.refused)
    ? refuse('EVS.5413', refusal.message)
    : refusal;

const answerOf = (cloud: Cloud, route: Route, asked: Omit<Call, 'token' | 'microversion'>): Answer | Refusal => {
  const token = authorise(cloud.world, route, asked);
  if (isRefusal(token)) return token;
  const microversion = microversionOf(asked);
  if (isRefusal(microversion)) return microversion;
  const answer = route.handle({ ...asked, microversion, token });
  if (isRefusal(answer)) return answer;
  return microversion === null ? answer : { ...answer, headers: { ...answer.headers, ...headersFor(microversion) } };
};

/** Parameters and queries are strings once the router has done its work; of a repeated query member the first counts. */
const read = (
  request: FastifyRequest,
): Pick<
  Call,
  'params' | 'query' | 'body' | 'headers' | 'path' | 'url' | 'method' | 'payload' | 'projectId' | 'baseUrl'
> => {
  const params = request.params as Readonly<Record<string, string>>;
  const first = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);
  const query = Object.entries(request.query as Record<string, string | string[] | undefined>);
  return {
    params,
    query: Object.fromEntries(query.map(([key, value]) => [key, first(value)])),
    body: request.body,
    payload: request.payload ?? noPayload,
    method: request.method,
    url: request.url,
    headers: request.headers as Readonly<Record<string, string | undefined>>,
    path: request.url.split('?', 1)[0] ?? request.url,
    projectId: params['projectId'] ?? '',
    baseUrl: `${request.protocol}://${request.host}`,
  };
};

const subjectOf = ({ world }: Cloud, asked: Omit<Call, 'token' | 'microversion'>): Subject => {
  const { volumeId, jobId, snapshotId, transferId } = asked.params;
  const job = jobId === undefined ? undefined : world.jobs.get(jobId);
  const body = asked.body as
    | {
        volume?: { name?: unknown };
        snapshot?: { name?: unknown };
        volumeAttachment?: { volumeId?: unknown };
        transfer?: { volume_id?: unknown };
      }
    | undefined
    | null;
  const offered = world.transfers.get(transferId ?? '')?.volumeId;
  const named = body?.volumeAttachment?.volumeId ?? body?.transfer?.volume_id;
  const volume = world.volume(volumeId ?? job?.volumeId ?? offered ?? String(named));
  const requested = body?.volume?.name ?? body?.snapshot?.name;
  const snapshot = world.snapshot(snapshotId ?? '');
  const diskName = snapshot?.name ?? volume?.name ?? job?.name ?? (typeof requested === 'string' ? requested : null);
  return { operation: asked.operation, projectId: asked.projectId, diskName };
};

const beforeEffect = ({ faults }: Cloud, subject: Subject, requestId: string): Outcome | null => {
  const fault = faults.fire(['throttle', 'bad-gateway', 'gateway-timeout', 'drop-request'], subject);
  if (!fault) return null;
  if (fault.kind === 'drop-request') return { answer: nothing, delivery: { type: 'drop' } };
  const refusal = {
    throttle: refuse('APIG.0308'),
    'bad-gateway': refuse('APIG.0201'),
    'gateway-timeout': refuse('APIG.0201', 'time-out', 504),
  }[fault.kind];
  return { answer: envelope('native', refusal, requestId), delivery: send };
};

const afterEffect = (
  { faults, world }: Cloud,
  { writes = false, surface }: Route,
  subject: Subject,
  answer: Answer,
  requestId: string,
): Outcome => {
  const accepted = writes && answer.status < 300;
  const late = accepted ? faults.fire(['late-effect'], subject) : null;
  if (late) world.late.showAfter(late.seconds * 1_000);
  const fault = faults.fire(
    accepted ? ['error-after-accept', 'drop-answer', 'hang'] : ['drop-answer', 'hang'],
    subject,
  );
  switch (fault?.kind) {
    case 'error-after-accept':
      return { answer: envelope(surface, refuse(unsubmitted(surface)), requestId), delivery: send };
    case 'drop-answer':
      return { answer, delivery: { type: 'drop' } };
    case 'hang':
      return { answer, delivery: { type: 'hold', ms: fault.ms ?? null } };
    case undefined:
      return { answer, delivery: send };
  }
};

const unsubmitted = (surface: Surface) => (surface === 'ecs' || surface === 'nova' ? 'Ecs.0002' : 'EVS.2001');

/** Resolves to the answer's status when it may be sent, and otherwise to how the call ended without one. */
const deliver = async (
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer,
  delivery: Delivery,
): Promise<Ending> => {
  if (delivery.type === 'drop') {
    reply.hijack();
    request.raw.socket.destroy();
    return 'dropped';
  }
  if (delivery.type === 'hold' && (await hungUp(reply, delivery.ms))) {
    reply.hijack();
    return 'hung-up';
  }
  return answer.status;
};

/** Waits until the client gives up (true), or until the time has passed (false). */
const hungUp = (reply: FastifyReply, ms: number | null): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = ms === null ? undefined : setTimeout(() => resolve(false), ms);
    reply.raw.once('close', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
