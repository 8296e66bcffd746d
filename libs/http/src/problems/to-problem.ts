import { HttpException } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { detailOf } from './detail.js';
import { invalidRequest, problem, Refused } from './refused.js';

/** RFC 9457. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly requestId: string;
  readonly retryable: boolean;
  readonly [member: string]: unknown;
}

/** What the framework may complain about before a handler runs, by its code. */
const fastifyFaults: Readonly<Record<string, () => Refused>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => problem('too-large'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => problem('unsupported-media-type'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    invalidRequest({ pointer: '/header/content-length', detail: 'does not fit the body' }),
  FST_ERR_BAD_URL: () => invalidRequest({ pointer: '/path', detail: 'is not a valid URL' }),
  FST_ERR_MAX_PARAM_LENGTH: () => problem('not-found'),
};

const codeOf = (fault: unknown): string | undefined =>
  fault instanceof Error && 'code' in fault && typeof fault.code === 'string' ? fault.code : undefined;

const ofException = (exception: HttpException): Refused | undefined => {
  switch (exception.getStatus()) {
    case 404:
      return problem('not-found');
    case 403:
      return problem('forbidden');
    default:
      return undefined;
  }
};

/** Whatever was thrown, as a refusal; undefined for a fault of our own. */
export const asRefused = (
  fault: unknown,
  known: (fault: unknown) => Refused | undefined = () => undefined,
): Refused | undefined => {
  if (fault instanceof Refused) return fault;
  const ofFramework = fastifyFaults[codeOf(fault) ?? ''];
  if (ofFramework) return ofFramework();
  if (fault instanceof HttpException) return ofException(fault);
  return known(fault);
};

const pathOf = (url: string): string => url.split('?', 1)[0] ?? url;

export const toProblem = ({ refusal, kind }: Refused, request: Pick<FastifyRequest, 'url' | 'id'>): Problem => {
  const { type, ...facts } = refusal;
  return {
    ...facts,
    type: `/problems/${type}`,
    title: kind.title,
    status: kind.status,
    detail: detailOf(kind, facts),
    instance: pathOf(request.url),
    requestId: request.id,
    retryable: kind.retryable,
  };
};
