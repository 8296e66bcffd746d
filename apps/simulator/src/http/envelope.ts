import { refuse, type Refusal, type RefusalCode } from './refusal.js';

/** Who answers: the EVS-native layer, the job query, the Cinder layer below, IAM, ECS and Nova below it, or IMS (EVS reference §4.1). */
export type Surface = 'native' | 'jobs' | 'cinder' | 'iam' | 'ecs' | 'ecs-jobs' | 'nova' | 'ims';

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const cinderFaults: Readonly<Record<number, string>> = {
  400: 'badRequest',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  406: 'computeFault',
  409: 'conflictingRequest',
  413: 'overLimit',
  415: 'badMediaType',
  503: 'serviceUnavailable',
};

/** Answered on Cinder paths too by what stands in front of Cinder, so with their own codes instead of a number. */
const namedInCinder: readonly RefusalCode[] = ['EVS.0001', 'EVS.2047', 'EVS.5403'];

/** `{"itemNotFound":{"code":404,"message":…}}` */
export const cinderFault = (status: number, message: string, code: number | string = status): Answer => ({
  status,
  body: { [cinderFaults[status] ?? 'computeFault']: { code, message } },
});

/** `{"error":{"code":401,"message":…,"title":…}}`: IAM in the manner of Keystone. */
export const keystoneFault = (status: number, title: string, message: string): Answer => ({
  status,
  body: { error: { message, code: status, title } },
});

const gatewayAnswer = ({ status, refused, message }: Refusal, requestId: string): Answer => ({
  status,
  body: { error_msg: message, error_code: refused, request_id: requestId },
});

const cinderAnswer = ({ status, refused, message }: Refusal): Answer => {
  if (refused === 'EVS.1034' || refused === 'EVS.1042' || refused === 'EVS.5413') {
    return {
      status: 413,
      headers: { 'Retry-After': '0' },
      body: { overLimit: { code: 413, message, retryAfter: '0' } },
    };
  }
  return cinderFault(status, message, namedInCinder.includes(refused) ? refused : status);
};

/** Nova calls it a conflict when the server is not in the right state. */
const novaAnswer = ({ status, refused, message }: Refusal): Answer =>
  cinderFault(refused === 'Ecs.0100' ? 409 : status, message);

/** A refusal as its surface puts it. Codes of the gateway, and of IAM when the gateway asks it about keys, look the same everywhere. */
export const envelope = (surface: Surface, refusal: Refusal, requestId: string): Answer => {
  if (/^(APIG|IAM)\./.test(refusal.refused)) return gatewayAnswer(refusal, requestId);
  if (surface === 'cinder') return cinderAnswer(refusal);
  if (surface === 'nova') return novaAnswer(refusal);
  return { status: refusal.status, body: { error: { code: refusal.refused, message: refusal.message } } };
};

/** 405 and 415 come from below both EVS surfaces; IAM has its own manner. */
export const protocolFault = (surface: Surface | null, status: 405 | 415, message: string): Answer =>
  surface === 'iam'
    ? keystoneFault(status, status === 405 ? 'Method Not Allowed' : 'Unsupported Media Type', message)
    : cinderFault(status, message);

export const unknownApi = (requestId: string): Answer => gatewayAnswer(refuse('APIG.0101'), requestId);
