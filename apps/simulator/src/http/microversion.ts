import type { Call } from './call.js';
import { refuse, type Refusal } from './refusal.js';

/** Queens (EVS reference §9). */
const newest = 50;

/** The header in which a client of v3 says which version it speaks, and the cloud which one it answers in. */
export const microversionHeader = 'OpenStack-API-Version';

/**
 * What comes after `3.` for a call below `/v3`; 0 where the client asks for none, null for the versions that know no such thing.
 * The header may speak to other services in the same breath.
 */
export const microversionOf = ({
  path,
  headers,
  surface,
}: Pick<Call, 'path' | 'headers' | 'surface'>): number | null | Refusal => {
  if (!path.startsWith('/v3/') || (surface !== 'cinder' && surface !== 'native')) return null;
  const asked = headers[microversionHeader.toLowerCase()]
    ?.split(',')
    .map((each) => /^volume\s+(.+)$/i.exec(each.trim())?.[1])
    .find((each) => each !== undefined);
  if (asked === undefined) return 0;
  if (asked === 'latest') return newest;
  const minor = /^3\.(\d{1,3})$/.exec(asked)?.[1];
  if (minor === undefined) return refuse('EVS.5400', `${asked} is not a version`);
  return Number(minor) <= newest ? Number(minor) : refuse('EVS.5400', `version ${asked} is not supported`, 406);
};

/** What an answer says of the version that it is in. */
export const headersFor = (microversion: number | null): Readonly<Record<string, string>> =>
  microversion === null ? {} : { [microversionHeader]: `volume 3.${microversion}`, Vary: microversionHeader };
