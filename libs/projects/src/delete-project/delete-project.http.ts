import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger, ViewStore } from '@strata/event-store';
import { noContent, route, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { ProjectId } from '@strata/kernel';
import { z } from 'zod';
import { answered, Verdict } from '../execute/answered.js';
import { ProjectContents } from '../project.ports.js';
import { refusalsOfProjects } from '../project.problems.js';
import { deleteProject } from './delete-project.js';

const declaration = route({
  method: 'DELETE',
  path: '/v1/projects/:projectId',
  operationId: 'deleteProject',
  summary: 'Delete a project that is empty',
  description: 'Its tokens are revoked with it.',
  tag: 'projects',
  access: 'authenticated',
  params: z.strictObject({ projectId: ProjectId }),
  answers: { 204: null, 200: Verdict },
  problems: ['has-children', 'has-disks', 'project-not-empty', 'version-conflict', 'concurrent-change'],
});

@Controller()
export class DeleteProjectController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly views: ViewStore,
    private readonly contents: ProjectContents,
  ) {}

  @Route(declaration)
  async delete(@Input() input: InputOf<typeof declaration>) {
    const { store, ledger, views, contents } = this;
    const executed = await deleteProject({ store, ledger, views, contents }, input, input.params.projectId);
    return answered(executed, refusalsOfProjects, ({ position, replayed }) => noContent({ position, replayed }));
  }
}
