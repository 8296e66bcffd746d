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

/** The types under which clouds list a service, the official one first. */
const typesOf = {
  cinder: ['block-storage', 'volumev3', 'block-store'],
  glance: ['image'],
} as const;

/** What is spoken with besides Keystone. */
export type OpenstackService = keyof typeof typesOf;

/** From any of the forms in which clouds write it: with or without the version, with or without the project. */
const baseOf: Readonly<Record<OpenstackService, (url: string, projectId: string) => string>> = {
  cinder: (url, projectId) => `${url.replace(/\/v3(\/[^/]+)?$/, '')}/v3/${encodeURIComponent(projectId)}`,
  glance: (url) => `${url.replace(/\/v2(\.\d+)?$/, '')}/v2`,
};

/**
 * Where a service is, Cinder with the project: as the binding says, else its public endpoint in the region by the catalogue that
 * came with the login. null when neither names it. A catalogue is read once.
 */
export const addressesOf = ({ endpoints, region, cloudProjectId }: OpenstackAccess) => {
  let last: { readonly login: unknown; readonly urls: ReadonlyMap<OpenstackService, string> } | null = null;
  return (service: OpenstackService, login: unknown): string | null => {
    const named = endpoints[service];
    if (named === undefined && last?.login !== login) last = { login, urls: publicEndpoints(login, region) };
    const url = named ?? last?.urls.get(service);
    return url === undefined ? null : baseOf[service](url.replace(/\/+$/, ''), cloudProjectId);
  };
};

const publicEndpoints = (login: unknown, region: string): ReadonlyMap<OpenstackService, string> => {
  const found = new Map<OpenstackService, string>();
  const catalog = Login.safeParse(login).data?.token.catalog ?? [];
  for (const service of Object.keys(typesOf) as OpenstackService[]) {
    const endpoint = typesOf[service]
      .flatMap((type) => catalog.filter((listed) => listed.type === type))
      .flatMap(({ endpoints }) => endpoints)
      .filter((one) => one.interface === 'public' && (one.region_id ?? one.region) === region)
      .find(({ url }) => URL.canParse(url));
    if (endpoint !== undefined) found.set(service, endpoint.url);
  }
  return found;
};
