import { z } from 'zod';
import type { OpenstackAccess } from '../disk-cloud.js';

const Endpoint = z.object({
  interface: z.string(),
  region_id: z.string().nullish(),
  region: z.string().nullish(),
  url: z.string(),
});
const Login = z.object({
  token: z.object({ catalog: z.array(z.object({ type: z.string(), endpoints: z.array(Endpoint) })) }),
});

/** The types under which clouds list Cinder v3, the official one first. */
const blockStorage = ['block-storage', 'volumev3', 'block-store'];

/**
 * Where Cinder is, with the project: as the binding says, else its public endpoint in the region by the catalogue that came
 * with the login. null when neither names it. A catalogue is read once.
 */
export const cinderOf = ({ endpoints: { cinder }, region, cloudProjectId }: OpenstackAccess) => {
  let last: { readonly login: unknown; readonly base: string | null } = { login: undefined, base: null };
  return (login: unknown): string | null => {
    if (cinder !== undefined) return projectBase(cinder, cloudProjectId);
    if (last.login !== login) {
      const url = publicEndpoint(login, region);
      last = { login, base: url === null ? null : projectBase(url, cloudProjectId) };
    }
    return last.base;
  };
};

const publicEndpoint = (login: unknown, region: string): string | null => {
  const parsed = Login.safeParse(login);
  if (!parsed.success) return null;
  const { catalog } = parsed.data.token;
  const candidates = blockStorage
    .flatMap((type) => catalog.filter((service) => service.type === type))
    .flatMap(({ endpoints }) => endpoints)
    .filter((one) => one.interface === 'public' && (one.region_id ?? one.region) === region);
  return candidates.find(({ url }) => URL.canParse(url))?.url ?? null;
};

/** From any of the forms in which clouds write it: with or without the version, with or without the project. */
const projectBase = (url: string, projectId: string): string => {
  const root = url.replace(/\/+$/, '').replace(/\/v3(\/[^/]+)?$/, '');
  return `${root}/v3/${encodeURIComponent(projectId)}`;
};
