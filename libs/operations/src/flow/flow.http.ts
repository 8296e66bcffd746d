import { Controller } from '@nestjs/common';
import { EventStore } from '@strata/event-store';
import { ok, problem, route, type Answer, type InputOf } from '@strata/http';
import { Input, Route } from '@strata/http/nest';
import { BindingId } from '@strata/kernel';
import { bindingStream, readBinding, readUpTo, seesEverything, sightOf } from '@strata/projects';
import { z } from 'zod';
import { FlowFigures } from '../operation.ports.js';
import { WaitingFor } from '../operation.resource.js';

const Time = z.iso.datetime({ precision: 3 });

const Budget = z.strictObject({
  configuredPerSecond: z.number(),
  /** Less than configured after the cloud has asked for fewer requests. */
  currentPerSecond: z.number(),
  usedPerSecond: z.number(),
  /** Answers of the cloud that asked for fewer, in all. */
  throttled: z.int(),
});

const Circuit = z.strictObject({
  state: z.enum(['closed', 'half-open', 'open']),
  since: Time.nullable(),
  retryAt: Time.nullable(),
  cause: z.string().nullable(),
  /** How often it has opened, in all. */
  opened: z.int(),
});

const Endpoint = z.strictObject({
  endpoint: z.string(),
  services: z.array(z.string()),
  /** Null until a worker has sent something there. */
  budget: Budget.nullable(),
  circuit: Circuit,
});

export const FlowResource = z
  .strictObject({
    bindingId: BindingId,
    endpoints: z.array(Endpoint),
    /** Open operations by what they wait for. */
    waiting: z.partialRecord(WaitingFor, z.int()),
    /** Open operations that wait for nothing out of the ordinary. */
    underWay: z.int(),
    pauses: z.array(
      z.strictObject({ id: z.uuid(), kind: z.string().nullable(), reason: z.string(), until: Time, held: z.int() }),
    ),
  })
  .meta({ id: 'Flow' });

const flow = route({
  method: 'GET',
  path: '/v1/bindings/:bindingId/flow',
  operationId: 'getFlow',
  summary: 'How requests to a binding’s cloud flow',
  description:
    'The budget of requests and the circuit of each endpoint, as all workers share them, the pauses of the binding, and ' +
    'what its operations wait for. For platform-admin and auditor.',
  tag: 'bindings',
  access: 'authenticated',
  params: z.strictObject({ bindingId: BindingId }),
  answers: { 200: FlowResource },
});

@Controller()
export class FlowController {
  constructor(
    private readonly store: EventStore,
    private readonly figures: FlowFigures,
  ) {}

  @Route(flow)
  async flow(@Input() input: InputOf<typeof flow>): Promise<Answer> {
    const { caller, minPosition, params } = input;
    const { bindingId } = params;
    if (!seesEverything(caller)) throw problem('not-found');
    await readUpTo(this.store, { query: {}, minPosition });
    const { streams, head } = await this.store.load({ sight: sightOf(caller), streams: [bindingStream(bindingId)] });
    const binding = readBinding(bindingId, streams[0]);
    if (binding === undefined) throw problem('not-found');
    const services = servicesByOrigin(binding.endpoints);
    const { budgets, circuits, ...figures } = await this.figures.of(
      bindingId,
      [...services.keys()],
      binding.credentials.ref,
    );
    const endpoints = [...services].map(([endpoint, at]) => ({
      endpoint,
      services: at,
      budget: budgets.get(endpoint) ?? null,
      circuit: circuits.get(endpoint) ?? neverOpened,
    }));
    return ok({ bindingId, endpoints, ...figures }, { position: head });
  }
}

const neverOpened: z.infer<typeof Circuit> = { state: 'closed', since: null, retryAt: null, cause: null, opened: 0 };

/** Several services may be behind one address: it is the address that has a budget and a circuit. */
const servicesByOrigin = (endpoints: Readonly<Record<string, string>>): ReadonlyMap<string, string[]> => {
  const services = new Map<string, string[]>();
  for (const [service, url] of Object.entries(endpoints)) {
    const { origin } = new URL(url);
    services.set(origin, [...(services.get(origin) ?? []), service].sort());
  }
  return services;
};
