import { z } from 'zod';
import type { OpenstackAccess } from '../disk-cloud.js';
import { addressesOf } from '../openstack/service-catalogue.js';

const Word = z.string().min(1);

const Environment = z.object({
  OS_AUTH_URL: z.url(),
  OS_USERNAME: Word,
  OS_PASSWORD: Word,
  OS_PROJECT_NAME: Word,
  OS_USER_DOMAIN_NAME: z.string().default('Default'),
  OS_PROJECT_DOMAIN_NAME: z.string().default('Default'),
  OS_REGION_NAME: z.string().default('RegionOne'),
  /** Another project of the same cloud and domain, and who works there: the same user unless told otherwise. */
  OS_RECEIVER_PROJECT_NAME: Word.optional(),
  OS_RECEIVER_USERNAME: Word.optional(),
  OS_RECEIVER_PASSWORD: Word.optional(),
});
type Environment = z.infer<typeof Environment>;

const Scoped = z.object({ token: z.object({ project: z.object({ id: z.string() }) }) });
const Offers = z.object({ transfers: z.array(z.object({ id: z.string(), volume_id: z.string() })) });

/** A cloud project, and what a test needs of it beyond the port. */
export interface CloudOfEnvironment {
  readonly access: OpenstackAccess;
  /** Where its Cinder is. */
  readonly cinder: string;
  removeImage(imageId: string): Promise<void>;
  /** Past the adapter: what a test left offered may be left because the adapter does not find it. */
  takeBackOffersOf(volumeId: string): Promise<void>;
}

interface Member {
  readonly project: string;
  readonly user: string;
  readonly password: string;
}

/**
 * The cloud project that the environment names as for any OpenStack client. A binding wants the id of the project, so that is
 * looked up.
 */
export const cloudOfEnvironment = (): Promise<CloudOfEnvironment> => {
  const env = environment();
  return cloudFor(env, { project: env.OS_PROJECT_NAME, user: env.OS_USERNAME, password: env.OS_PASSWORD });
};

/** The second project that disks are brought into; null where the environment names none. */
export const receiverOfEnvironment = async (): Promise<CloudOfEnvironment | null> => {
  const env = environment();
  const { OS_RECEIVER_PROJECT_NAME: project } = env;
  if (project === undefined) return null;
  const { OS_RECEIVER_USERNAME: user = env.OS_USERNAME, OS_RECEIVER_PASSWORD: password = env.OS_PASSWORD } = env;
  return cloudFor(env, { project, user, password });
};

const environment = (): Environment => {
  const parsed = Environment.safeParse(process.env);
  if (!parsed.success) throw new Error(`source the openrc of a project first: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
};

const cloudFor = async (env: Environment, { project, user, password }: Member): Promise<CloudOfEnvironment> => {
  const keystone = env.OS_AUTH_URL.replace(/\/+$/, '').replace(/\/v3$/, '');
  const identity = { user: { name: user, password, domain: { name: env.OS_USER_DOMAIN_NAME } } };
  const scope = { project: { name: project, domain: { name: env.OS_PROJECT_DOMAIN_NAME } } };
  const answer = await fetch(`${keystone}/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth: { identity: { methods: ['password'], password: identity }, scope } }),
  });
  if (!answer.ok) throw new Error(`${keystone} answered the login of ${user} to ${project} with ${answer.status}`);
  const login: unknown = await answer.json();
  const access: OpenstackAccess = {
    kind: 'openstack',
    region: env.OS_REGION_NAME,
    endpoints: { keystone },
    cloudProjectId: Scoped.parse(login).token.project.id,
    credentials: { domain: env.OS_USER_DOMAIN_NAME, user, password },
  };
  const addressOf = addressesOf(access);
  const [cinder, glance] = [addressOf('cinder', login), addressOf('glance', login)];
  if (cinder === null) throw new Error(`${keystone} names no block storage in ${access.region}`);
  const call = callWith(answer.headers.get('x-subject-token') ?? '');
  return {
    access,
    cinder,
    removeImage: async (imageId) => void (await call('DELETE', `${glance}/images/${imageId}`)),
    takeBackOffersOf: async (volumeId) => {
      const { transfers } = Offers.parse(await call('GET', `${cinder}/os-volume-transfer`));
      for (const { id, volume_id } of transfers)
        if (volume_id === volumeId) await call('DELETE', `${cinder}/os-volume-transfer/${id}`);
    },
  };
};

/** Answers with the body that was answered, null where there is none. */
const callWith =
  (token: string) =>
  async (method: string, url: string): Promise<unknown> => {
    const answer = await fetch(url, { method, headers: { 'x-auth-token': token } });
    if (!answer.ok) throw new Error(`${method} ${url} was answered with ${answer.status}`);
    const text = await answer.text();
    return text === '' ? null : JSON.parse(text);
  };
