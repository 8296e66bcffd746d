import { z } from 'zod';
import type { OpenstackAccess } from '../disk-cloud.js';
import { addressesOf } from '../openstack/service-catalogue.js';

const Environment = z.object({
  OS_AUTH_URL: z.url(),
  OS_USERNAME: z.string().min(1),
  OS_PASSWORD: z.string().min(1),
  OS_PROJECT_NAME: z.string().min(1),
  OS_USER_DOMAIN_NAME: z.string().default('Default'),
  OS_PROJECT_DOMAIN_NAME: z.string().default('Default'),
  OS_REGION_NAME: z.string().default('RegionOne'),
});

const Scoped = z.object({ token: z.object({ project: z.object({ id: z.string() }) }) });

/** A cloud project, and what a test needs of it beyond the port. */
export interface CloudOfEnvironment {
  readonly access: OpenstackAccess;
  /** Where its Cinder is. */
  readonly cinder: string;
  removeImage(imageId: string): Promise<void>;
}

/**
 * The cloud project that the environment names as for any OpenStack client. A binding wants the id of the project, so that is
 * looked up.
 */
export const cloudOfEnvironment = async (): Promise<CloudOfEnvironment> => {
  const parsed = Environment.safeParse(process.env);
  if (!parsed.success) throw new Error(`source the openrc of a project first: ${z.prettifyError(parsed.error)}`);
  const env = parsed.data;
  const keystone = env.OS_AUTH_URL.replace(/\/+$/, '').replace(/\/v3$/, '');
  const user = { name: env.OS_USERNAME, password: env.OS_PASSWORD, domain: { name: env.OS_USER_DOMAIN_NAME } };
  const project = { name: env.OS_PROJECT_NAME, domain: { name: env.OS_PROJECT_DOMAIN_NAME } };
  const answer = await fetch(`${keystone}/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: { identity: { methods: ['password'], password: { user } }, scope: { project } },
    }),
  });
  if (!answer.ok) throw new Error(`${keystone} answered the login with ${answer.status}`);
  const login: unknown = await answer.json();
  const access: OpenstackAccess = {
    kind: 'openstack',
    region: env.OS_REGION_NAME,
    endpoints: { keystone },
    cloudProjectId: Scoped.parse(login).token.project.id,
    credentials: { domain: env.OS_USER_DOMAIN_NAME, user: env.OS_USERNAME, password: env.OS_PASSWORD },
  };
  const addressOf = addressesOf(access);
  const [cinder, glance] = [addressOf('cinder', login), addressOf('glance', login)];
  if (cinder === null) throw new Error(`${keystone} names no block storage in ${access.region}`);
  const token = answer.headers.get('x-subject-token') ?? '';
  const removeImage = async (imageId: string): Promise<void> => {
    const url = `${glance}/images/${imageId}`;
    const { status } = await fetch(url, { method: 'DELETE', headers: { 'x-auth-token': token } });
    if (status !== 204) throw new Error(`${url} was not removed: ${status}`);
  };
  return { access, cinder, removeImage };
};
