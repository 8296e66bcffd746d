import { Controller } from '@nestjs/common';
import { EventStore, QuotaLedger, TokenStore, ViewStore, type LoadedStream } from '@strata/event-store';
import { route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { ActorId, isPlainProse, noControl, OperationId, type BindingId } from '@strata/kernel';
import { executeOperation, planOperation } from '@strata/operations';
import { operationAnswers, OperationAnswers } from '@strata/operations/http';
import {
  answered,
  execute,
  issuersOf,
  nodeOf,
  planRefused,
  refusalsOfProjects,
  Verdict,
  type Planned,
} from '@strata/projects';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import { disksOfLog } from '../adopt-disk/disks-of-log.js';
import { findings, findingsIn, type FindingRefusal, type RemovalWish } from '../finding/index.js';
import { answerFinding } from '../findings/current-finding.js';
import { findingParams, placeOf, type FindingPlace } from '../findings/finding-address.js';
import { FindingResource, type FindingRecord } from '../findings/finding.resource.js';
import { findingProblems } from '../findings/findings.problems.js';
import { findingIn } from '../findings/findings.projection.js';
import { RemoveStrangerInput } from './remove-stranger.input.js';

/** For so long a removal that was asked for can be approved, in ms. */
const openForMs = 7 * 24 * 60 * 60_000;

const common = {
  method: 'POST',
  tag: 'findings',
  access: 'authenticated',
  params: findingParams,
} as const;
const commonProblems = ['finding-resolved', 'forbidden', 'version-conflict', 'concurrent-change'] as const;

const request = route({
  ...common,
  path: '/v1/bindings/:bindingId/findings/:findingId/removal',
  operationId: 'requestRemoval',
  versioned: true,
  summary: 'Ask that something be removed which Strata did not make',
  description:
    'Nothing is sent before two different people have approved it; whoever asks may be one of them, by approving as well. It can ' +
    'be approved for seven days, and as long as what was found does not change. For platform-admin.',
  body: z.strictObject({
    reason: z
      .string()
      .min(1, 'must not be empty')
      .max(500, 'must be at most 500 characters')
      .refine(isPlainProse, noControl),
  }),
  answers: { 200: Verdict, 201: FindingResource },
  problems: [...commonProblems, 'not-removable', 'removal-pending', 'removal-under-way'],
});

const approve = route({
  ...common,
  path: '/v1/bindings/:bindingId/findings/:findingId/removal/approve',
  operationId: 'approveRemoval',
  versioned: true,
  summary: 'Approve a removal',
  description:
    'Each person once, and not with two tokens of one hand: none may come from the other, nor both from a third but the first of ' +
    'the installation. The second approval begins the removal: it is answered with the operation. That looks again first, and ' +
    'removes only what is still as it was approved, detached, and without snapshots. For platform-admin.',
  answers: { ...operationAnswers, 200: z.union([FindingResource, operationAnswers[200]]) },
  problems: [
    ...commonProblems,
    'removal-not-requested',
    'removal-expired',
    'removal-under-way',
    'approved-before',
    'approver-not-independent',
  ],
});

const reject = route({
  ...common,
  path: '/v1/bindings/:bindingId/findings/:findingId/removal/reject',
  operationId: 'rejectRemoval',
  versioned: true,
  summary: 'Reject a removal, or withdraw it',
  description: 'What was approved before counts no more. For platform-admin.',
  answers: { 200: z.union([FindingResource, Verdict]) },
  problems: [...commonProblems, 'removal-not-requested', 'removal-under-way'],
});

const refusals = { ...refusalsOfProjects, ...findingProblems };
type Call = InputOf<typeof request> | InputOf<typeof approve> | InputOf<typeof reject>;

@Controller()
export class RemoveStrangerController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly views: ViewStore,
    private readonly tokens: TokenStore,
    private readonly answers: OperationAnswers,
  ) {}

  @Route(request)
  request(@Input() input: InputOf<typeof request>): Promise<Answer> {
    const { reason } = input.body;
    return this.local(input, 201, (by, at) => {
      const expiresAt = new Date(Date.parse(at) + openForMs).toISOString();
      return { type: 'RequestRemoval', findingId: input.params.findingId, by, reason, at, expiresAt };
    });
  }

  @Route(reject)
  reject(@Input() input: InputOf<typeof reject>): Promise<Answer> {
    return this.local(input, 200, (by) => ({ type: 'RejectRemoval', findingId: input.params.findingId, by }));
  }

  @Route(approve)
  async approve(@Input() input: InputOf<typeof approve>): Promise<Answer> {
    const { store, ledger } = this;
    const { bindingId, findingId } = input.params;
    const place = await placeOf(this.views, input.caller, input.params);
    const operationId = OperationId.parse(newId());
    const by = ActorId.parse(input.caller.actorId);
    const issuers = await issuersOf({ store, tokens: this.tokens }, by);
    const executed = await executeOperation<FindingRefusal>({ store, ledger }, input, {
      role: 'platform-admin',
      streams: [place.stream],
      decide: async ({ streams: [thing], head }) => {
        const at = new Date().toISOString();
        const command = { type: 'ApproveRemoval', findingId, by, issuers, at, operationId } as const;
        const planned = plannedOn(command, place, thing);
        if (!planned.accepted) return planned;
        const began = planned.streams.some(({ events }) => events.some(({ type }) => type === 'FindingRemovalBegan'));
        const record = findingIn(thing?.events ?? [], findingId);
        if (!began || record === undefined) return planned;
        const { cloud, resource } = record;
        const ours = resource === 'disk' && (await disksOfLog(this.views, bindingId, [cloud.id], head)).has(cloud.id);
        if (ours) return planRefused({ type: 'finding-resolved' });
        return planOperation({ ...removalOf(record, bindingId, operationId), resources: planned.streams });
      },
    });
    const { executed: told } = executed;
    return 'answer' in told && told.answer['operationId'] !== undefined
      ? this.answers.answer(input, executed, refusals)
      : answered(told, refusals, ({ position, replayed }) =>
          answerFinding(store, { ...place, findingId }, { position, replayed }),
        );
  }

  /** What reaches no cloud. */
  private async local(
    input: Call,
    status: 200 | 201,
    command: (by: ActorId, at: string) => RemovalWish,
  ): Promise<Answer> {
    const { store, ledger } = this;
    const { findingId } = input.params;
    const place = await placeOf(this.views, input.caller, input.params);
    const by = ActorId.parse(input.caller.actorId);
    const executed = await execute<FindingRefusal>({ store, ledger }, input, {
      role: 'platform-admin',
      streams: [place.stream],
      decide: ({ streams: [thing] }) => plannedOn(command(by, new Date().toISOString()), place, thing),
    });
    const location = `/v1/bindings/${input.params.bindingId}/findings/${findingId}`;
    return answered(executed, refusals, ({ position, replayed }) =>
      answerFinding(
        store,
        { ...place, findingId },
        { status, position, replayed, ...(status === 201 && { location }) },
      ),
    );
  }
}

const plannedOn = (
  command: RemovalWish,
  { stream, projectId }: FindingPlace,
  thing: LoadedStream | undefined,
): Planned<FindingRefusal> => {
  const decision = findings.decide(command, findingsIn(thing));
  if (!decision.accepted) return decision;
  const append = { stream, projectId, expectedVersion: thing?.version ?? 0, events: decision.events };
  return { accepted: true, streams: [append], answer: { findingId: command.findingId } };
};

/** It belongs to the binding's own node: what it removes is no project's. */
const removalOf = (
  { id, cloud, resource, diskId, evidence }: FindingRecord,
  bindingId: BindingId,
  operationId: OperationId,
) => ({
  ...{ operationId, kind: 'finding.remove', projectId: nodeOf(bindingId), bindingId },
  target: { type: 'binding', id: bindingId } as const,
  input: RemoveStrangerInput.parse({ findingId: id, cloudId: cloud.id, resource, diskId, seen: evidence.cloud }),
});
