import type { Cloud } from '../cloud.js';
import type { Route } from '../http/call.js';

/** The projects that the token's user can enter (EVS reference §7.3): all of them. */
export const projectRoutes = ({ world }: Cloud): readonly Route[] => [
  {
    operation: 'projects.list',
    method: 'GET',
    paths: ['/v3/auth/projects'],
    surface: 'iam',
    auth: 'token',
    handle: ({ baseUrl }) => ({
      status: 200,
      body: {
        projects: [...world.projects.values()].map(({ id, name }) => ({
          id,
          name,
          domain_id: world.seed.domain.id,
          parent_id: world.seed.domain.id,
          enabled: true,
          is_domain: false,
          description: '',
          links: { self: `${baseUrl}/v3/projects/${id}` },
        })),
        links: { self: `${baseUrl}/v3/auth/projects`, previous: null, next: null },
      },
    }),
  },
];
