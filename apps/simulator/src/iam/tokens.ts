import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Cloud } from '../cloud.js';
import type { Call, Route } from '../http/call.js';
import { keystoneFault, type Answer } from '../http/envelope.js';
import { REGION, type Seed } from '../options.js';
import type { Token } from '../world/changes.js';
import type { CloudProject } from '../world/cloud-project.js';
import { iamTime } from '../world/times.js';
import type { World } from '../world/world.js';

const LIFETIME_MS = 86_400_000;

const Named = z.object({ id: z.string().optional(), name: z.string().optional() });

const TokenRequest = z.object({
  auth: z.object({
    identity: z.object({
      methods: z.tuple([z.literal('password')]),
      password: z.object({ user: Named.extend({ password: z.string(), domain: Named.optional() }) }),
    }),
    scope: z.object({ project: Named.optional(), domain: Named.optional() }).optional(),
  }),
});
type TokenRequest = z.infer<typeof TokenRequest>;
type Named = z.infer<typeof Named>;

const unauthorised = (message: string): Answer => keystoneFault(401, 'Unauthorized', message);

/** IAM tokens (EVS reference §7.1): by password, for a project or the domain, for 24 hours of the movable clock. */
export const tokenRoutes = ({ world }: Cloud): readonly Route[] => [
  {
    operation: 'tokens.issue',
    method: 'POST',
    paths: ['/v3/auth/tokens'],
    surface: 'iam',
    auth: 'none',
    handle: (call) => issue(world, call),
  },
  {
    operation: 'tokens.show',
    method: 'GET',
    paths: ['/v3/auth/tokens'],
    surface: 'iam',
    auth: 'token',
    handle: (call) => {
      const token = subjectToken(world, call);
      return token
        ? { status: 200, headers: subjectHeader(token), body: describe(world, call, token, true) }
        : notFound;
    },
  },
  {
    operation: 'tokens.check',
    method: 'HEAD',
    paths: ['/v3/auth/tokens'],
    surface: 'iam',
    auth: 'token',
    handle: (call) => {
      const token = subjectToken(world, call);
      return token ? { status: 200, headers: subjectHeader(token) } : { status: 404 };
    },
  },
  {
    operation: 'tokens.revoke',
    method: 'DELETE',
    paths: ['/v3/auth/tokens'],
    surface: 'iam',
    auth: 'token',
    handle: (call) => {
      const token = subjectToken(world, call);
      if (!token) return notFound;
      world.commit({ kind: 'token-revoked', value: token.value });
      return { status: 204 };
    },
  },
];

const notFound = keystoneFault(404, 'Not Found', 'no such token');

const subjectHeader = (token: Token) => ({ 'X-Subject-Token': token.value });

const subjectToken = (world: World, { headers, nowMs }: Call): Token | null => {
  const token = world.tokens.get(headers['x-subject-token'] ?? '');
  return token && token.expiresMs > nowMs ? token : null;
};

const issue = (world: World, call: Call): Answer => {
  const parsed = TokenRequest.safeParse(call.body);
  if (!parsed.success) return keystoneFault(400, 'Bad Request', z.prettifyError(parsed.error));
  const { identity, scope } = parsed.data.auth;
  if (!isUser(world.seed, identity.password.user)) return unauthorised('the user name or password is wrong');
  const project = scope?.project ? findProject(world, scope.project) : null;
  if (scope?.project && !project) return unauthorised('the user cannot enter this project');
  const token: Token = {
    value: `MII${randomBytes(192).toString('base64url')}`,
    userId: world.seed.user.id,
    projectId: project?.id ?? null,
    issuedMs: call.nowMs,
    expiresMs: call.nowMs + LIFETIME_MS,
  };
  world.commit({ kind: 'token', token });
  const withCatalog = call.query['nocatalog'] === undefined;
  return { status: 201, headers: subjectHeader(token), body: describe(world, call, token, !withCatalog) };
};

const isUser = ({ user, domain }: Seed, given: TokenRequest['auth']['identity']['password']['user']): boolean => {
  if (given.password !== user.password) return false;
  if (given.id !== undefined) return given.id === user.id;
  return given.name === user.name && (given.domain?.id === domain.id || given.domain?.name === domain.name);
};

const findProject = (world: World, { id, name }: Named): CloudProject | null => {
  if (id !== undefined) return world.projects.get(id) ?? null;
  return [...world.projects.values()].find((project) => project.name === name) ?? null;
};

const describe = ({ seed, projects }: World, { baseUrl }: Call, token: Token, noCatalog: boolean) => {
  const domain = { id: seed.domain.id, name: seed.domain.name };
  const project = token.projectId === null ? undefined : projects.get(token.projectId);
  return {
    token: {
      methods: ['password'],
      issued_at: iamTime(token.issuedMs),
      expires_at: iamTime(token.expiresMs),
      user: { id: seed.user.id, name: seed.user.name, password_expires_at: '', domain },
      ...(project ? { project: { id: project.id, name: project.name, domain } } : { domain }),
      roles: [
        { id: '0', name: 'op_gated_sample' },
        { id: '4e1d7c0a93b84f52a6e0d7315c98b2f6', name: 'server_adm' },
      ],
      ...(noCatalog ? {} : { catalog: project ? services(baseUrl, project.id) : [] }),
    },
  };
};

const services = (baseUrl: string, projectId: string) => [
  service('evs', 'volumev2', `${baseUrl}/v2/${projectId}`, [
    'aa03d1f7c5e94b82b6d0e3f148a75c29',
    '77c2e50b19d446f3a8e1b90c4d36f7a5',
  ]),
  service('ecs', 'ecs', `${baseUrl}/ecs/v1/${projectId}`, [
    'c5e81f0d2b7a4936a1f4d90e63b7c258',
    '2f9d6b31a8c04e57b3e1c7f0a5d48296',
  ]),
  service('ims', 'image', `${baseUrl}/ims`, ['08b4d9e61f7a4c2395d0c7e8a63f1b42', 'd71e5c3a90f648b2a4e7b1d80c26f953']),
];

const service = (name: string, type: string, url: string, [id, endpointId]: readonly [string, string]) => ({
  id,
  name,
  type,
  endpoints: [{ id: endpointId, interface: 'public', region: REGION, region_id: REGION, url }],
});
