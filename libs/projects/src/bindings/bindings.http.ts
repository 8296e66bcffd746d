import { Controller } from '@nestjs/common';
import { EventStore, everything, QuotaLedger, ViewStore } from '@strata/event-store';
import {
  asOfQuery,
  created,
  listQuery,
  noContent,
  ok,
  pageOf,
  problem,
  route,
  timeBound,
  type InputOf,
} from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { BindingId } from '@strata/kernel';
import { z } from 'zod';
import { BindingResource, bindingStream, readBinding } from '../binding.resource.js';
import { CloudKind, featuresOf } from '../binding/index.js';
import { answered, Verdict, type Accepted } from '../execute/answered.js';
import { asAccepted } from '../execute/as-accepted.js';
import { seesEverything } from '../execute/grants.js';
import { refusalsOfProjects } from '../project.problems.js';
import { inMilliseconds } from '../reading/as-of.js';
import { readStream } from '../reading/current.js';
import { Lists, type List } from '../reading/lists.js';
import { BindingChange, NewBinding } from './binding.schemas.js';
import { bindingsView, type BindingRow } from './bindings.projection.js';
import { addBinding, changeBinding, removeBinding } from './change-bindings.js';

const common = { tag: 'bindings', access: 'authenticated' } as const;
const ofBinding = z.strictObject({ bindingId: BindingId });

const add = route({
  ...common,
  method: 'POST',
  path: '/v1/bindings',
  operationId: 'addBinding',
  versioned: true,
  summary: 'Bind a cloud project',
  description: 'Of the credentials only the name of a secret is kept. For platform-admin.',
  body: NewBinding,
  answers: { 201: BindingResource, 200: Verdict },
  problems: ['version-conflict', 'concurrent-change'],
});

const list = route({
  ...common,
  method: 'GET',
  path: '/v1/bindings',
  operationId: 'listBindings',
  summary: 'The bindings',
  description: 'For platform-admin and auditor.',
  query: listQuery({
    sorts: ['createdAt', 'name'],
    filters: { id: BindingId, name: z.string(), kind: CloudKind, region: z.string() },
    ranges: { createdAt: timeBound },
    asOf: true,
  }),
  answers: { 200: pageOf(BindingResource) },
});

const get = route({
  ...common,
  method: 'GET',
  path: '/v1/bindings/:bindingId',
  operationId: 'getBinding',
  versioned: true,
  summary: 'One binding',
  params: ofBinding,
  query: asOfQuery,
  answers: { 200: BindingResource },
});

const change = route({
  ...common,
  method: 'PATCH',
  path: '/v1/bindings/:bindingId',
  operationId: 'changeBinding',
  versioned: true,
  summary: 'Change how a cloud project is reached',
  description:
    '`endpoints` merge by name; `null` removes an optional one. Kind and cloud project stay: add another binding. For platform-admin.',
  params: ofBinding,
  body: BindingChange,
  answers: { 200: z.union([BindingResource, Verdict]) },
  problems: ['version-conflict', 'concurrent-change'],
});

const remove = route({
  ...common,
  method: 'DELETE',
  path: '/v1/bindings/:bindingId',
  operationId: 'removeBinding',
  summary: 'Remove a binding that no project uses',
  params: ofBinding,
  answers: { 204: null, 200: Verdict },
  problems: ['binding-in-use', 'version-conflict', 'concurrent-change'],
});

const bindings: List<BindingRow> = { view: bindingsView, show: (rows) => rows.map(showRow) };

@Controller()
export class BindingsController {
  constructor(
    private readonly store: EventStore,
    private readonly ledger: QuotaLedger,
    private readonly views: ViewStore,
    private readonly lists: Lists,
  ) {}

  @Route(add)
  async add(@Input() input: InputOf<typeof add>) {
    const { store, ledger } = this;
    const executed = await addBinding({ store, ledger }, input, input.body);
    return answered(executed, refusalsOfProjects, async (accepted) => {
      const { binding, options } = await this.shown(accepted);
      return created(`/v1/bindings/${binding.id}`, binding, options);
    });
  }

  @Route(list)
  async list(@Input() input: InputOf<typeof list>) {
    if (!seesEverything(input.caller)) {
      throw problem('forbidden', { missing: { role: 'platform-admin', projectId: null } });
    }
    return this.lists.ofAll(bindings, input);
  }

  @Route(get)
  async get(@Input() input: InputOf<typeof get>) {
    const { bindingId } = input.params;
    const { stream, position } = await readStream(this.store, input, bindingStream(bindingId));
    const found = readBinding(bindingId, stream);
    if (!found) throw problem('not-found');
    return ok(found, { etag: found.version, position });
  }

  @Route(change)
  async change(@Input() input: InputOf<typeof change>) {
    const { store, ledger } = this;
    const executed = await changeBinding({ store, ledger }, input, input.params.bindingId, input.body);
    return answered(executed, refusalsOfProjects, async (accepted) => {
      const { binding, options } = await this.shown(accepted);
      return ok(binding, options);
    });
  }

  @Route(remove)
  async remove(@Input() input: InputOf<typeof remove>) {
    const { store, ledger, views } = this;
    const executed = await removeBinding({ store, ledger, views }, input, input.params.bindingId);
    return answered(executed, refusalsOfProjects, ({ position, replayed }) => noContent({ position, replayed }));
  }

  private async shown(accepted: Accepted) {
    const { answer, position, replayed } = accepted;
    const bindingId = BindingId.parse(answer['bindingId']);
    const from = { sight: everything, stream: bindingStream(bindingId) };
    const binding = await asAccepted(this.store, from, accepted, (stream) => readBinding(bindingId, stream));
    return { binding, options: { etag: binding.version, position, replayed } };
  }
}

const showRow = ({ key, createdAt, doc }: BindingRow): BindingResource => ({
  id: BindingId.parse(key),
  ...doc.access,
  features: { ...featuresOf(doc.access) },
  createdAt: inMilliseconds(createdAt),
  updatedAt: doc.updatedAt,
  version: doc.version,
});
