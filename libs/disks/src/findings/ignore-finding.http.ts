import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger, ViewStore } from '@strata/event-store';
import { route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import {
  answered,
  execute,
  invalidMember,
  refusalsOfProjects,
  Verdict,
  type InvalidMember,
  type Planned,
} from '@strata/projects';
import { z } from 'zod';
import { findings, findingsIn, type FindingRefusal } from '../finding/index.js';
import { answerFinding } from './current-finding.js';
import { findingParams, placeOf } from './finding-address.js';
import { FindingResource } from './finding.resource.js';
import { findingProblems } from './findings.problems.js';

const ignore = route({
  method: 'POST',
  path: '/v1/bindings/:bindingId/findings/:findingId/ignore',
  operationId: 'ignoreFinding',
  versioned: true,
  summary: 'Leave a finding alone for a time',
  description:
    'It is `ignored` until then; the first sweep afterwards that still sees it opens it again. Asked again, the time is set ' +
    'anew. For platform-admin.',
  tag: 'findings',
  access: 'authenticated',
  params: findingParams,
  body: z.strictObject({ until: z.iso.datetime({ offset: true, error: 'must be a time (RFC 3339)' }) }),
  answers: { 200: z.union([FindingResource, Verdict]) },
  problems: ['finding-resolved', 'finding-busy', 'forbidden', 'version-conflict', 'concurrent-change'],
});

type Asked = InputOf<typeof ignore>;
type Refused = FindingRefusal | InvalidMember;

@Controller()
export class IgnoreFindingController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly views: ViewStore,
  ) {}

  @Route(ignore)
  async ignore(@Input() input: Asked): Promise<Answer> {
    const { stream, projectId } = await placeOf(this.views, input.caller, input.params);
    const { store, ledger } = this;
    const { findingId } = input.params;
    const executed = await execute<Refused>({ store, ledger }, input, {
      role: 'platform-admin',
      streams: [stream],
      decide: ({ streams: [loaded] }): Planned<Refused> => {
        const until = laterTime(input.body.until);
        if (until === undefined) return { accepted: false, refusal: invalidMember('/until', 'must lie in the future') };
        const decision = findings.decide({ type: 'Ignore', findingId, until }, findingsIn(loaded));
        if (!decision.accepted) return decision;
        const append = { stream, projectId, expectedVersion: loaded?.version ?? 0, events: decision.events };
        return { accepted: true, streams: [append], answer: { findingId } };
      },
    });
    return answered(executed, { ...refusalsOfProjects, ...findingProblems }, ({ position, replayed }) =>
      answerFinding(store, { stream, findingId }, { position, replayed }),
    );
  }
}

/** As the answers write it; undefined when it is over. */
const laterTime = (text: string): string | undefined => {
  const time = new Date(text);
  return time.getTime() > Date.now() ? time.toISOString() : undefined;
};
