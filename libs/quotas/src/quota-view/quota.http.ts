import { Controller } from '@nestjs/common';
import { EventStore, everything, QuotaLedger } from '@strata/event-store';
import { asOfQuery, ok, route, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { Limit, ProjectId, type BindingId } from '@strata/kernel';
import { bindingStream, foldBinding, readUpTo, requireProject, sightOf } from '@strata/projects';
import { z } from 'zod';
import { quotaOf } from '../quota/quota.js';

const Figures = z.strictObject({
  dimension: z.string(),
  limit: Limit,
  used: z.int(),
  held: z.int(),
  releasing: z.int(),
  available: z.union([z.literal('unlimited'), z.int()]),
  effectiveAvailable: z.union([z.literal('unlimited'), z.int()]),
  boundBy: z
    .union([
      z.strictObject({ projectId: ProjectId }),
      z.strictObject({ relation: z.enum(['ancestor', 'cloud']), distance: z.int() }),
    ])
    .nullable(),
  cloud: z.strictObject({ limit: Limit, used: z.int() }).nullable(),
});

const getQuota = route({
  method: 'GET',
  path: '/v1/projects/:projectId/quota',
  operationId: 'getQuota',
  summary: 'Limits and figures of a project, with what is left on the whole path',
  tag: 'quotas',
  access: 'authenticated',
  params: z.strictObject({ projectId: ProjectId }),
  query: asOfQuery,
  answers: { 200: z.strictObject({ dimensions: z.array(Figures), position: z.int() }) },
});

@Controller()
export class QuotaController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
  ) {}

  @Route(getQuota)
  async get(@Input() input: InputOf<typeof getQuota>) {
    const upTo = await readUpTo(this.store, input);
    const sight = sightOf(input.caller);
    const { projectId } = input.params;
    const { project, head } = await requireProject(this.store, input.caller, projectId, upTo);
    // Of one moment, which the answer names: what is appended meanwhile is in none of it.
    const position = upTo ?? head;
    const [levels, cloudQuota] = await Promise.all([
      this.ledger.figures({ sight, projectId, upTo: position }),
      sight.all ? this.cloudQuota(project.bindingId, position) : [],
    ]);
    const dimensions = quotaOf({ levels, cloudQuota });
    return ok({ dimensions, position }, { position });
  }

  /**
   * What the cloud said last. Projects share a binding: how much of it is used would tell each of them what the others do,
   * so it is for those who see all projects.
   */
  private async cloudQuota(bindingId: BindingId | null, upTo: number) {
    if (!bindingId) return [];
    const { streams } = await this.store.load({ sight: everything, streams: [bindingStream(bindingId)], upTo });
    const binding = foldBinding(streams[0]);
    return binding.status === 'live' ? binding.cloudQuota : [];
  }
}
