import type { EventStore, Meta } from '@strata/event-store';
import type { BindingId } from '@strata/kernel';
import { bindingStream, foldBinding, nodeOf } from '../binding.resource.js';
import { binding, limitsOfBinding, type CloudFigures } from '../binding/index.js';
import { executeFact, type Recorded } from '../execute/execute-fact.js';

/**
 * What a look at the cloud's quota said. The binding's limits follow in the same append: what the cloud grants minus what
 * others use. The same figures again are no news; a binding that is gone is none either.
 */
export const recordCloudQuota = (
  store: EventStore,
  bindingId: BindingId,
  dimensions: readonly CloudFigures[],
  meta: Meta,
): Promise<Recorded> =>
  executeFact(store, {
    streams: [bindingStream(bindingId)],
    meta,
    decide: ({ streams: [stream] }) => {
      const decision = binding.decide({ type: 'RecordCloudQuota', dimensions }, foldBinding(stream));
      if (!decision.accepted) return undefined;
      const projectId = nodeOf(bindingId);
      const expectedVersion = stream?.version ?? 0;
      return {
        streams: [{ stream: bindingStream(bindingId), projectId, expectedVersion, events: decision.events }],
        changes: [{ change: 'limits-set', node: bindingId, limits: limitsOfBinding(dimensions) }],
      };
    },
  });
