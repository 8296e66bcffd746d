import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger } from '@strata/event-store';
import { ok, route, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { ProjectId } from '@strata/kernel';
import { z } from 'zod';
import { answered, Verdict } from '../execute/answered.js';
import { refusalsOfProjects } from '../project.problems.js';
import { Name, ProjectResource } from '../project.resource.js';
import { showCurrentProject } from '../show-project.js';
import { changeProject } from './change-project.js';

/** Thirty days at most. */
const GraceHours = z
  .int('must be a whole number of hours')
  .min(0, 'must be at least 0')
  .max(720, 'must be at most 720');

/** The lane moves below a project only. */
const NewParent = z
  .uuid({
    error: ({ input }) => (input === null ? 'cannot be removed: a project does not become a root again' : undefined),
  })
  .toLowerCase()
  .brand<'ProjectId'>();

const declaration = route({
  method: 'PATCH',
  path: '/v1/projects/:projectId',
  operationId: 'changeProject',
  versioned: true,
  summary: 'Rename or move a project, or say how long deleted disks are kept',
  description:
    'To move it, the caller must be an admin of both parents; its charges must find room on the new path. `graceHours` holds for deletions that are accepted from now on.',
  tag: 'projects',
  access: 'authenticated',
  params: z.strictObject({ projectId: ProjectId }),
  body: z.strictObject({ name: Name.optional(), parentId: NewParent.optional(), graceHours: GraceHours.optional() }),
  answers: { 200: z.union([ProjectResource, Verdict]) },
  problems: ['would-be-cycle', 'quota-exceeded', 'version-conflict', 'concurrent-change'],
});

@Controller()
export class ChangeProjectController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
  ) {}

  @Route(declaration)
  async change(@Input() input: InputOf<typeof declaration>) {
    const { store, ledger } = this;
    const { name, parentId, graceHours } = input.body;
    const change = { projectId: input.params.projectId, name, parentId, graceHours };
    const executed = await changeProject({ store, ledger }, input, change);
    return answered(executed, refusalsOfProjects, async (accepted) => {
      const { project, options } = await showCurrentProject(store, input, accepted);
      return ok(project, options);
    });
  }
}
