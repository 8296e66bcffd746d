import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger, type LoadedStream } from '@strata/event-store';
import { asOfQuery, ok, problem, route, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { Dimension, Limit, ProjectId } from '@strata/kernel';
import {
  answered,
  asAccepted,
  foldProject,
  projectStream,
  readStream,
  refusalsOfProjects,
  setLimits,
  sightOf,
  Verdict,
} from '@strata/projects';
import { z } from 'zod';

/** A bound on what one project can be limited by: there are fewer disk types than that. */
const maxLimits = 200;

const LimitsBody = z.strictObject({
  limits: z
    .array(z.strictObject({ dimension: Dimension, limit: Limit }))
    .max(maxLimits)
    .superRefine((limits, context) => {
      limits.forEach(({ dimension }, index) => {
        if (limits.findIndex((each) => each.dimension === dimension) < index) {
          context.addIssue({ code: 'custom', path: [index, 'dimension'], message: 'is limited twice' });
        }
      });
    }),
});

const common = {
  path: '/v1/projects/:projectId/quota/limits',
  tag: 'quotas',
  access: 'authenticated',
  params: z.strictObject({ projectId: ProjectId }),
} as const;

const getLimits = route({
  ...common,
  method: 'GET',
  operationId: 'getLimits',
  versioned: true,
  summary: 'The limits of a project itself; what is not listed is unlimited',
  query: asOfQuery,
  answers: { 200: LimitsBody },
});

const putLimits = route({
  ...common,
  method: 'PUT',
  operationId: 'setLimits',
  versioned: true,
  summary: 'Replace the limits of a project',
  description:
    'For admins of the parent and platform-admin. Below what is charged is allowed: no growth then, nothing else.',
  body: LimitsBody,
  answers: { 200: z.union([LimitsBody, Verdict]) },
  problems: ['version-conflict', 'concurrent-change'],
});

@Controller()
export class LimitsController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
  ) {}

  @Route(getLimits)
  async get(@Input() input: InputOf<typeof getLimits>) {
    const { stream, position } = await readStream(this.store, input, projectStream(input.params.projectId));
    const project = foldProject(stream);
    if (project.status !== 'live') throw problem('not-found');
    return ok({ limits: project.limits }, { etag: stream?.version, position });
  }

  @Route(putLimits)
  async put(@Input() input: InputOf<typeof putLimits>) {
    const { store, ledger } = this;
    const { projectId } = input.params;
    const executed = await setLimits({ store, ledger }, input, projectId, input.body.limits);
    return answered(executed, refusalsOfProjects, async (accepted) => {
      const from = { sight: sightOf(input.caller), stream: projectStream(projectId) };
      const { limits, version } = await asAccepted(store, from, accepted, readLimits);
      const { position, replayed } = accepted;
      return ok({ limits }, { etag: version, position, replayed });
    });
  }
}

const readLimits = (stream: LoadedStream | undefined) => {
  const project = foldProject(stream);
  return project.status === 'live' ? { limits: project.limits, version: stream?.version } : undefined;
};
