import type { IncomingHttpHeaders } from 'node:http';
import { negotiate } from './media-type.js';
import { parsePosition } from './position.js';
import { invalidRequest, problem, type RequestFault } from '../problems/refused.js';
import type { RouteDeclaration } from '../route/route.js';

/** Versions that an `If-Match` or `If-None-Match` names, or any. Tags that are no version of ours match nothing. */
export type VersionMatch = { readonly any: true } | { readonly any: false; readonly versions: readonly number[] };

/** No condition, or one that this version meets. Version 0 is an absent resource: `*` does not match it. */
export const versionMatches = (condition: VersionMatch | undefined, version: number): boolean =>
  condition === undefined || (condition.any ? version > 0 : condition.versions.includes(version));

/** Where an event stream goes on: after a position, or, when that is of a log since restored, with `event: reset`. */
export type ResumeFrom = { readonly from: 'position'; readonly position: number } | { readonly from: 'reset' };

export interface RequestHeaders {
  readonly idempotencyKey?: string;
  readonly ifMatch?: VersionMatch;
  readonly ifNoneMatch?: VersionMatch;
  readonly prefer?: { readonly waitSeconds: number };
  readonly minPosition?: number;
  readonly lastEventId?: ResumeFrom;
  readonly traceparent?: string;
  /** Of those that the route can produce, the one that is wanted most. */
  readonly mediaType: string;
}

const entityTag = /^(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/;
const version = /^(0|[1-9][0-9]{0,15})$/;

const readTags = (text: string, weakMatches: boolean): VersionMatch | string => {
  if (text.trim() === '*') return { any: true };
  const versions: number[] = [];
  for (const part of text.split(',')) {
    const [whole, weak, tag] = entityTag.exec(part.trim()) ?? [];
    if (whole === undefined || tag === undefined) return 'must be `*` or entity tags in double quotes, as in `"3"`';
    if (version.test(tag) && (weak === undefined || weakMatches)) versions.push(Number(tag));
  }
  return { any: false, versions };
};

const readWait = (text: string): { waitSeconds: number } | string | undefined => {
  for (const preference of text.split(',')) {
    const [name, value = ''] = preference.split(';')[0]?.split('=') ?? [];
    if (name?.trim().toLowerCase() !== 'wait') continue;
    const seconds = Number(/^"?([0-9]{1,4})"?$/.exec(value.trim())?.[1] ?? NaN);
    return seconds >= 1 && seconds <= 60
      ? { waitSeconds: seconds }
      : 'wait must be a whole number from 1 to 60 seconds';
  }
  return undefined;
};

const readKey = (text: string): string | { readonly fault: string } =>
  /^[\x20-\x7e]{1,128}$/.test(text) ? text : { fault: 'must be 1 to 128 printable ASCII characters' };

/** Version `ff` is forbidden, as are ids of zeros only (W3C Trace Context §3.2). A bad one is dropped, as told there. */
const readTraceparent = (text: string): string | undefined =>
  /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/.test(text)
    ? text.slice(0, 55)
    : undefined;

const readMinPosition = (text: string, incarnation: () => string): number | string => {
  const position = parsePosition(text);
  if (!position) return 'must be a position as given in Strata-Position';
  if (position.incarnation !== incarnation()) throw problem('log-restored');
  return position.position;
};

const readLastEventId = (text: string, incarnation: () => string): ResumeFrom | string => {
  const position = parsePosition(text);
  if (!position) return 'must be the id of an event of this stream';
  return position.incarnation === incarnation() ? { from: 'position', position: position.position } : { from: 'reset' };
};

const json = 'application/json';

/** A client that accepts problems only is answered as well: an error may be all that it reads. */
const mediaTypeFor = (route: RouteDeclaration, accept: string): string => {
  const offers = [json, ...route.produces, ...(route.stream ? ['text/event-stream'] : []), 'application/problem+json'];
  const wanted = negotiate(accept, offers);
  if (wanted === undefined) throw problem('not-acceptable', { produces: offers });
  return wanted;
};

type Draft = { -readonly [Name in keyof RequestHeaders]: RequestHeaders[Name] };

/** Reads what the conventions know; all faults are named at once. */
export const readHeaders = (
  route: RouteDeclaration,
  headers: IncomingHttpHeaders,
  incarnation: () => string,
): RequestHeaders => {
  const faults: RequestFault[] = [];
  const draft: Draft = { mediaType: json };
  const fault = (name: string, detail: string) => faults.push({ pointer: `/header/${name}`, detail });

  const { accept, traceparent } = headers;
  if (accept !== undefined && accept !== '*/*') {
    draft.mediaType = mediaTypeFor(route, accept);
  }
  if (typeof traceparent === 'string') {
    const continued = readTraceparent(traceparent);
    if (continued !== undefined) draft.traceparent = continued;
  }
  if (typeof headers.prefer === 'string') {
    const read = readWait(headers.prefer);
    if (typeof read === 'string') fault('prefer', read);
    else if (read) draft.prefer = read;
  }
  if (route.write) readWriteHeaders(headers, draft, fault);
  else readReadHeaders(headers, draft, fault, incarnation);
  if (faults.length > 0) throw invalidRequest(...faults);
  return draft;
};

type NameFault = (name: string, detail: string) => void;

const readWriteHeaders = (headers: IncomingHttpHeaders, draft: Draft, fault: NameFault): void => {
  const { 'idempotency-key': key, 'if-match': ifMatch } = headers;
  if (typeof key === 'string') {
    const read = readKey(key);
    if (typeof read === 'string') draft.idempotencyKey = read;
    else fault('idempotency-key', read.fault);
  }
  if (ifMatch !== undefined) {
    const read = readTags(ifMatch, false);
    if (typeof read === 'string') fault('if-match', read);
    else draft.ifMatch = read;
  }
};

const readReadHeaders = (
  headers: IncomingHttpHeaders,
  draft: Draft,
  fault: NameFault,
  incarnation: () => string,
): void => {
  const { 'if-none-match': ifNoneMatch, 'strata-min-position': minPosition, 'last-event-id': lastEventId } = headers;
  if (ifNoneMatch !== undefined) {
    const read = readTags(ifNoneMatch, true);
    if (typeof read === 'string') fault('if-none-match', read);
    else draft.ifNoneMatch = read;
  }
  if (typeof minPosition === 'string') {
    const read = readMinPosition(minPosition, incarnation);
    if (typeof read === 'string') fault('strata-min-position', read);
    else draft.minPosition = read;
  }
  if (typeof lastEventId === 'string') {
    const read = readLastEventId(lastEventId, incarnation);
    if (typeof read === 'string') fault('last-event-id', read);
    else draft.lastEventId = read;
  }
};
