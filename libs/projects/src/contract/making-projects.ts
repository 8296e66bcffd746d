import { expect } from 'vitest';
import type { Reply, TestServer } from './test-server.js';

/** Under the root and by the platform-admin, unless told otherwise. */
export const makeProject = async (
  server: TestServer,
  name: string,
  parentId: string = server.seeded.projects.root,
  token: string = server.tokens.platformAdmin,
): Promise<Reply> => {
  const reply = await server.call(token, 'POST', '/v1/projects', { body: { name, parentId } });
  expect(reply.status).toBe(201);
  return reply;
};

export const makeToken = async (server: TestServer, projectId: string, role: string): Promise<string> => {
  const tokens = `/v1/projects/${projectId}/tokens`;
  const reply = await server.call(server.tokens.platformAdmin, 'POST', tokens, { body: { name: role, role } });
  expect(reply.status).toBe(201);
  return String(reply.body['token']);
};

export const idOf = (reply: Reply): string => String(reply.body['id']);

/** Status and type of a problem. */
export const refusalOf = (reply: Reply): readonly unknown[] => [reply.status, reply.body['type']];

/** Headers for a list that is to have seen what an earlier answer wrote. */
export const after = (reply: Reply): Readonly<Record<string, string>> => ({
  'strata-min-position': reply.headers.get('strata-position') ?? '',
});
