import { Controller } from '@nestjs/common';
import { People } from '@strata/event-store';
import { ok, route, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { ProjectId } from '@strata/kernel';
import { z } from 'zod';
import { Role } from '../project/index.js';

const declaration = route({
  method: 'GET',
  path: '/v1/me',
  operationId: 'getMe',
  summary: 'Who am I, with which roles where',
  tag: 'projects',
  access: 'authenticated',
  answers: {
    200: z.strictObject({
      id: z.string(),
      /** Null for an actor that was forgotten. */
      name: z.string().nullable(),
      kind: z.literal('service-token'),
      tokenId: z.string(),
      /** `projectId` is null for a role that is held everywhere. */
      roles: z.array(z.strictObject({ role: Role, projectId: ProjectId.nullable() })),
    }),
  },
});

@Controller()
export class MeController {
  constructor(private readonly people: People) {}

  @Route(declaration)
  async me(@Input() { caller }: InputOf<typeof declaration>) {
    const { actorId, kind, tokenId, grants, platformRoles } = caller;
    const names = await this.people.names([actorId]);
    const everywhere = platformRoles.map((role) => ({ role, projectId: null }));
    return ok({ id: actorId, name: names.get(actorId) ?? null, kind, tokenId, roles: [...everywhere, ...grants] });
  }
}
