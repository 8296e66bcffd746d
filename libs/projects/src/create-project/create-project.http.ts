import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { created, route, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { BindingId, ProjectId } from '@strata/kernel';
import { z } from 'zod';
import { answered, Verdict } from '../execute/answered.js';
import { refusalsOfProjects } from '../project.problems.js';
import { Name, ProjectResource } from '../project.resource.js';
import { showCurrentProject } from '../show-project.js';
import { createProject } from './create-project.js';

const declaration = route({
  method: 'POST',
  path: '/v1/projects',
  operationId: 'createProject',
  versioned: true,
  summary: 'Create a project',
  description: 'Under a parent of which the caller is an admin; without one, or with `null`, a root (platform-admin).',
  tag: 'projects',
  access: 'authenticated',
  body: z.strictObject({ name: Name, parentId: ProjectId.nullish(), bindingId: BindingId.optional() }),
  answers: { 201: ProjectResource, 200: Verdict },
  problems: ['not-found', 'version-conflict', 'concurrent-change'],
});

@Controller()
export class CreateProjectController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
  ) {}

  @Route(declaration)
  async create(@Input() input: InputOf<typeof declaration>) {
    const { store, ledger } = this;
    const { name, parentId, bindingId } = input.body;
    const executed = await createProject({ store, ledger }, input, {
      name,
      parentId: parentId ?? undefined,
      bindingId,
    });
    return answered(executed, refusalsOfProjects, async (accepted) => {
      const { project, options } = await showCurrentProject(store, input, accepted);
      return created(`/v1/projects/${project.id}`, project, options);
    });
  }
}
