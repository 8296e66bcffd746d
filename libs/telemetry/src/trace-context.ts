import { randomBytes } from 'node:crypto';

/** W3C Trace Context, the parts that are carried on. */
export interface TraceContext {
  /** 32 lower-case hex characters, not all zero. */
  readonly traceId: string;
  /** 16 lower-case hex characters, not all zero: the caller's span. */
  readonly parentId: string;
  readonly sampled: boolean;
}

const shape = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Undefined when malformed: a bad header starts a new trace, it never fails a request (Trace Context §4.3). */
export const parseTraceparent = (header: string): TraceContext | undefined => {
  const [, version, traceId, parentId, flags, more] = shape.exec(header) ?? [];
  if (traceId === undefined || parentId === undefined || flags === undefined) return undefined;
  if (version === '00' && more !== undefined) return undefined;
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
};

export const formatTraceparent = ({ traceId, parentId, sampled }: TraceContext): string =>
  `00-${traceId}-${parentId}-${sampled ? '01' : '00'}`;

/** The header for whatever is called next: the same trace with a span of ours, or a new trace. */
export const continueTrace = (received: string | undefined): string => {
  const known = received === undefined ? undefined : parseTraceparent(received);
  return formatTraceparent({
    traceId: known?.traceId ?? randomBytes(16).toString('hex'),
    parentId: randomBytes(8).toString('hex'),
    sampled: known?.sampled ?? false,
  });
};
